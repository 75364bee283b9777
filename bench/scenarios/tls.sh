# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
about="pairs with ten messages under way, plain and over TLS; 2,000 sessions that rest, likewise"
targets="rate_share>=0.6 idle_bytes_more<=16384"

# with_tls plain|tls LABEL WORD…: a fresh server, and the load with these words.
with_tls() {
	local mode=$1 label=$2 tls_port
	shift 2
	server_start
	tls_port=$(sed -n 's|^listening on https://.*:||p' "$work/out")
	[ "$mode" = plain ] || set -- --tls "$tls_port" "$@"
	measure "$label" --port "$port" --server "$server_pid" "$@"
	server_stop
	rm -rf "$work/data"
}

scenario_steps() {
	local mode
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench \
		-keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
	settings="GUANXI_TLS_LISTEN=127.0.0.1:0 GUANXI_TLS_CERTIFICATE=$work/certificate.pem
		GUANXI_TLS_KEY=$work/key.pem"
	for mode in plain tls; do
		with_tls $mode $mode --users "$users" --seconds "$seconds" --mode pair --window 10
		with_tls $mode idle_$mode --users 2000 --mode crowd --hold 1
	done
	emit "scenario=tls server=guanxi" \
		"rate_share=$(awk -v a="$(value msgs_per_s "$(line_of tls)")" \
			-v b="$(value msgs_per_s "$(line_of plain)")" 'BEGIN { printf "%.3f", a / b }')" \
		"idle_bytes_more=$(($(value bytes_per_session "$(line_of idle_tls)") - \
			$(value bytes_per_session "$(line_of idle_plain)")))"
}
