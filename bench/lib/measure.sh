# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# measure.sh - one scenario: its file, its runs, its ratios and targets.
#
# A scenario is a file of variables, and a function only where it has to do something of its own:
#
#   about     one line for people
#   users     how many; users_peers: how many a peer gets
#   load      words for guanxi-load; load_PEER: instead of these for that peer
#   peers     who else can do it
#   ratios    keys of the lines that are compared with each peer's
#   targets   KEY>=NUMBER or KEY<=NUMBER; PEER:KEY for a ratio
#   seed      words for guanxi-bench-seed: what stands in the data folder before
#   settings  NAME=VALUE words for the server's environment; workers: edge processes
#   scenario_steps()   instead of the usual steps below
#
# Inside, $work is a folder of the scenario's own, and lines.txt in it what has been printed.

disturbed_above=0.1

free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# value KEY LINE: of "KEY=VALUE" in the line; empty when it isn't there.
value() {
	local word
	for word in $2; do
		[[ $word != "$1="* ]] || printf '%s\n' "${word#*=}"
	done
}

# holds A OP B: for numbers with fractions.
holds() { awk -v a="$1" -v b="$3" "BEGIN { exit !(a $2 b) }"; }

# seconds_between NS NS
seconds_between() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", (b - a) / 1e9 }'; }

# emit LINE: prints and remembers it.
emit() { printf '%s\n' "$*" | tee -a "$work/lines.txt"; }

# measure LABEL ARGUMENT…: guanxi-load, again when something else was running; the least disturbed counts.
measure() {
	local label=$1 best="" best_other=1000 line other run failed
	shift
	for run in $(seq "${wanted_repeat:-3}"); do
		failed=no
		line=$("$build/bench/guanxi-load" --label "$label" "$@") || failed=yes
		[ -n "$line" ] || return 1
		other=$(value other_cores "$line")
		if [ $failed = yes ]; then
			emit "scenario=$name $line runs=$run failed=yes"
			return 1
		fi
		if holds "${other:-0}" '<' "$best_other"; then
			best=$line best_other=${other:-0}
		fi
		holds "$best_other" '>' $disturbed_above || break
		say "$name, $label: other programs used $other cores (run $run)"
	done
	line="scenario=$name $best runs=$run"
	holds "$best_other" '<=' $disturbed_above || line+=" disturbed=yes"
	emit "$line"
}

# measure_peer NAME: a fresh one, measured as the scenario says.
measure_peer() {
	local own_load=load_$1
	local users=${users_peers:-$users}
	peer_start "$1" "$users"
	# shellcheck disable=SC2086
	measure "$1" --proto "${peer_proto[$1]}" --port "$peer_port" --server "$peer_pid" \
		--users "$users" --seconds "$seconds" ${!own_load:-$load}
	peer_stop "$1"
}

# The usual steps: a fresh server of ours and the load; the same with each peer.
scenario_steps() {
	server_start
	# shellcheck disable=SC2086
	measure guanxi --port "$port" --server "$server_pid" --users "$users" \
		--seconds "$seconds" $load
	server_stop
	[ "$with_peers" = yes ] || return 0
	for peer in $peers; do
		measure_peer "$peer"
	done
}

# line_of SERVER: the last one that it printed in this scenario.
line_of() { grep "server=$1 " "$work/lines.txt" | tail -n 1; }

print_ratios() {
	local peer key ours theirs words
	for peer in $peers; do
		grep -q "server=$peer " "$work/lines.txt" || continue
		words=""
		for key in $ratios; do
			ours=$(value "$key" "$(line_of guanxi)")
			theirs=$(value "$key" "$(line_of "$peer")")
			words+=" $key=$(awk -v a="${ours:-0}" -v b="${theirs:-0}" \
				'BEGIN { printf "%.3g", b == 0 ? 0 : a / b }')"
		done
		emit "ratio scenario=$name of=guanxi to=$peer$words"
	done
}

# The value that a target speaks of: our own, or a ratio; empty when it was not measured.
reached() {
	case $1 in
	*:*) value "${1#*:}" "$(grep "^ratio .* to=${1%%:*} " "$work/lines.txt" || true)" ;;
	*) value "$1" "$(line_of guanxi)" ;;
	esac
}

print_targets() {
	local target key op limit got verdict
	for target in $targets; do
		[[ $target =~ ^([a-z0-9_:]+)([<>]=)([0-9.]+)$ ]] || die "$name: no target: $target"
		key=${BASH_REMATCH[1]} op=${BASH_REMATCH[2]} limit=${BASH_REMATCH[3]}
		got=$(reached "$key")
		verdict=not-measured
		if [ -n "$got" ]; then
			verdict=missed
			! holds "$got" "$op" "$limit" || verdict=reached
		fi
		emit "target scenario=$name key=$key wanted=$op$limit got=${got:--} verdict=$verdict"
	done
}

scenario_clean() {
	server_stop || true
	[ -z "$peer_pid" ] || peer_stop "$peer" || true
	rm -rf "$work"
}

# scenario_run NAME: in a process of its own, so that no scenario hears of another.
scenario_run() {
	name=$1 about="" users=200 seconds=5 load="" peers="" ratios="" targets="" seed="" users_peers=""
	settings="" workers="" wrapper="" peer="" peer_pid="" server_pid="" port=""
	# shellcheck source=bench/scenarios/pair10.sh
	. "bench/scenarios/$name.sh"
	users=${wanted_users:-$users}
	seconds=${wanted_seconds:-$seconds}
	work=$(mktemp -d "${TMPDIR:-/tmp}/guanxi-bench.XXXXXX")
	touch "$work/lines.txt"
	trap scenario_clean EXIT
	say "$name: $about"
	scenario_steps
	print_ratios
	print_targets
}
