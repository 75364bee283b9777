# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# smoke.sh - counts what a message costs, and compares with bounds.txt.
#
# One person sends bursts to another: 64 messages in one write, the next burst when all of the last have come
# back and arrived; then the same with bursts of one. So the server's batches hardly depend on how busy the
# machine is, and what they cost can be counted. Each count is taken twice, with few bursts and with many; the
# difference, divided by the messages between, is free of starting, signing up and connecting.
#
#   syscalls      of all processes, by strace -f -c
#   allocations   of all processes, by a malloc that counts (count_allocs.c)
#   written       bytes that the core handed to write() for its files (wchar of /proc/PID/io)
#   instructions  of the core's command path, by callgrind (path.c)

smoke_few=20

# bursts WINDOW ROUNDS: everything sent must have been acknowledged and delivered.
bursts() {
	"$build/bench/guanxi-load" --port "$port" --people "$work/people" --users 2 --window "$1" \
		--rounds "$2" >/dev/null
}

# with_server WINDOW ROUNDS WRAPPER…: a whole life of a server, under the wrapper.
with_server() {
	local window=$1 rounds=$2
	shift 2
	wrapper="$*"
	rm -rf "$work/data" "$work/people"
	server_start
	bursts "$window" "$rounds"
	server_stop
	wrapper=""
}

syscalls_of() {
	with_server "$1" "$2" strace -f -c -U calls,name -o "$work/strace"
	awk '$2 == "total" { print $1 }' "$work/strace"
}

allocations_of() {
	head -c 4096 /dev/zero >"$work/allocs"
	with_server "$1" "$2" env "GUANXI_COUNT_ALLOCS=$work/allocs" \
		"LD_PRELOAD=$PWD/$build/bench/libguanxi-count-allocs.so"
	od -A n -t u8 -N 8 "$work/allocs" | tr -d ' '
}

# What all processes have handed to write() since they started, of a running server.
wchar_sum() {
	local pid
	for pid in $(server_pids); do
		cat "/proc/$pid/io"
	done | awk '/^wchar:/ { sum += $2 } END { printf "%d", sum }'
}

written_of() {
	rm -rf "$work/data" "$work/people"
	server_start
	bursts "$1" "$2"
	wchar_sum
	server_stop
}

instructions_of() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/bench/guanxi-bench-path" \
		$(($1 * $2)) 2>&1 | awk '$2 == "Collected" { print $4 }'
}

# per_message WHAT WINDOW ROUNDS: the difference of many and few.
per_message() {
	local few many
	few=$("$1_of" "$2" $smoke_few)
	many=$("$1_of" "$2" $((smoke_few + $3)))
	awk -v a="$few" -v b="$many" -v n=$(($2 * $3)) 'BEGIN { printf "%.6g", (b - a) / n }'
}

# check KEY VALUE: against the line of bounds.txt; at most 15 % above.
check() {
	local bound verdict=kept
	bound=$(awk -v key="$1" '$1 == key { print $2 }' bench/smoke/bounds.txt)
	[ -n "$bound" ] || die "bench/smoke/bounds.txt does not know $1"
	# Nothing counted, or less than nothing, is a fault of the counting.
	if [[ ! $2 =~ ^[0-9.]+$ ]] || holds "$2" '<=' 0 || holds "$2" '>' "$(awk -v b="$bound" 'BEGIN { print b * 1.15 }')"; then
		verdict=BROKEN
		smoke_failed=$((smoke_failed + 1))
	else
		smoke_passed=$((smoke_passed + 1))
	fi
	emit "smoke key=$1 got=$2 was=$bound verdict=$verdict"
}

smoke_steps() {
	smoke_passed=0 smoke_failed=0
	check syscalls_per_msg_of_64 "$(per_message syscalls 64 100)"
	check syscalls_per_msg_of_1 "$(per_message syscalls 1 400)"
	check allocations_per_msg_of_64 "$(per_message allocations 64 200)"
	check written_bytes_per_msg_of_64 "$(per_message written 64 200)"
	check written_bytes_per_msg_of_1 "$(per_message written 1 400)"
	check instructions_per_msg "$(per_message instructions 64 30)"
	emit "$smoke_passed passed, $smoke_failed failed"
	[ $smoke_failed = 0 ]
}
