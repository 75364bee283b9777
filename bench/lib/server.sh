# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# server.sh - our own server in a scenario: started on a fresh (or seeded) data folder, stopped again.

# Signing up the generator's people would take longer than the measuring, so passwords cost little; and
# groups larger than an ordinary person may fill at once are what is measured. Everything else is as shipped.
bench_settings="GUANXI_ACCOUNTS_ARGON2_MEMORY_KIB=8 GUANXI_ACCOUNTS_ARGON2_PASSES=1
	GUANXI_LIMITS_CONTACT_REQUESTS_PER_DAY=0 GUANXI_LIMITS_GROUP_ACCEPT_ABOVE=0
	GUANXI_LIMITS_GROUP_VERIFIED_ABOVE=0"

# server_begin: starts it, under the words in $wrapper, and does not wait; sets server_pid. The log: $work/log.
server_begin() {
	: >"$work/out"
	# shellcheck disable=SC2086
	env $bench_settings $settings $wrapper "$build/guanxi" serve --data "$work/data" \
		--listen "127.0.0.1:${port:-0}" ${workers:+--workers $workers} \
		>"$work/out" 2>>"$work/log" &
	server_pid=$!
}

# server_start: until it says that it listens; sets port too.
server_start() {
	if [ -n "$seed" ] && [ ! -d "$work/data" ]; then
		server_seed
	fi
	server_begin
	server_wait
}

# server_wait: until it listens, however long that takes; sets port.
server_wait() {
	until grep -q '^listening on' "$work/out"; do
		if ! kill -0 "$server_pid" 2>/dev/null; then
			tail -n 20 "$work/log" >&2
			die "the server did not start"
		fi
		sleep 0.1
	done
	port=$(sed -n 's|^listening on http://.*:||p' "$work/out")
}

server_stop() {
	[ -n "$server_pid" ] || return 0
	# A wrapper ends with what it wraps.
	kill "$(server_leader)" 2>/dev/null || true
	wait "$server_pid" 2>/dev/null || true
	server_pid="" port=""
}

# server_leader: the server itself; a wrapper may stand before it.
server_leader() {
	local pid
	for pid in $(server_pids); do
		if [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$build/guanxi")" ]; then
			echo "$pid"
			return 0
		fi
	done
	echo "$server_pid"
}

# server_seed: lets the server lay out its tables, then fills them while it is stopped.
server_seed() {
	local begun=$SECONDS
	server_begin
	server_wait
	server_stop
	# shellcheck disable=SC2086
	"$build/bench/guanxi-bench-seed" --data "$work/data" $seed >&2
	say "$name: seeded in $((SECONDS - begun)) s"
}

# server_pids: of all its processes.
server_pids() {
	local pid=${1:-$server_pid} child
	echo "$pid"
	cat "/proc/$pid/task"/*/children 2>/dev/null | tr ' ' '\n' | while read -r child; do
		server_pids "$child"
	done
}

# memory_mb KEY: the sum of that line over all processes; pages that several share count for each in
# Rss, and once in Pss.
memory_mb() {
	local pid
	for pid in $(server_pids); do
		sed -n "s/^$1: *\([0-9]*\) kB/\1/p" "/proc/$pid/smaps_rollup" 2>/dev/null || true
	done | awk '{ kb += $1 } END { printf "%.1f", kb / 1024 }'
}
server_pss_mb() { memory_mb Pss; }
server_rss_mb() { memory_mb Rss; }
