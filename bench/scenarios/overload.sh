# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
about="three times as many messages as can be carried: what is done, what others notice, and afterwards"
times=3
targets="share>=0.9 class1_p99_ms<=100 recovery_ms<=1000 pss_max_mb<=512"

# In the background only.
probe() {
	exec "$build/bench/guanxi-bench-probe" --port "$port" --server "$server_pid" "$@"
}

# share is of the wall clock, and the generator works as hard as the server then; share_per_cpu is what
# a second of the server's CPU brings compared with the peak.
# The peak, then its multiple in an open loop beside two people who ask for little; then the same once
# more, ended by killing whoever floods: that is when recovery begins.
scenario_steps() {
	local peak rate line me_pid load_pid
	server_start
	measure peak --port "$port" --server "$server_pid" --users "$users" --people "$work/people" \
		--seconds "$seconds" --mode pair --window 10
	peak=$(value msgs_per_s "$(line_of peak)")
	rate=$((peak * times))
	probe --what me --seconds $((seconds + 2)) >"$work/me" &
	me_pid=$!
	wanted_repeat=1 measure flood --port "$port" --server "$server_pid" --users "$users" \
		--people "$work/people" --seconds "$seconds" --mode pair --rate "$rate" --may-refuse
	wait "$me_pid"
	"$build/bench/guanxi-load" --label again --port "$port" --users "$users" \
		--people "$work/people" --seconds 60 --mode pair --rate "$rate" --may-refuse >/dev/null &
	load_pid=$!
	probe --what send --seconds 9 >"$work/send" &
	me_pid=$!
	sleep 5
	kill -KILL "$load_pid"
	kill -USR1 "$me_pid"
	wait "$me_pid"
	server_stop
	emit "$(sed 's/^/scenario=overload /' "$work/me")"
	emit "$(sed 's/^/scenario=overload /' "$work/send")"
	line=$(line_of flood)
	emit "scenario=overload server=guanxi peak=$peak offered=$rate" \
		"goodput=$(value deliveries_per_s "$line")" \
		"share=$(awk -v a="$(value deliveries_per_s "$line")" -v b="$peak" 'BEGIN { printf "%.3f", a / b }')" \
		"share_per_cpu=$(awk -v a="$(value server_cpu_us_per_msg "$(line_of peak)")" \
			-v b="$(value server_cpu_us_per_msg "$line")" 'BEGIN { printf "%.3f", a / b }')" \
		"refused=$(value refused "$line") unsent=$(value unsent "$line")" \
		"class1_p99_ms=$(value p99_ms "$(cat "$work/me")")" \
		"chat_p99_ms=$(value p99_ms "$(cat "$work/send")")" \
		"recovery_ms=$(value recovery_ms "$(cat "$work/send")")" \
		"pss_max_mb=$(value pss_max_mb "$(cat "$work/me")")"
}
