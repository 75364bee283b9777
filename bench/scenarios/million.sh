# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
about="1,000,000 accounts signed in at once, each with a stream; then one notice to all"
users=1000000
seed="--accounts $users"
load="--mode crowd --seeded --parallel 1024 --hold 10 --notice"
targets="sessions>=$users connect_s<=180 bytes_per_session<=512 idle_cpu_ms_per_s<=10 noticed>=$users"

# Both ends of a million loopback connections: the kernel wants about 9 KB for each pair, server and
# generator together less than 1 KB.
bytes_per_pair=11000

scenario_steps() {
	local needed_mb=$((users * bytes_per_pair / 1000000)) free_mb
	free_mb=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	[ "$free_mb" -gt "$needed_mb" ] ||
		die "$users sessions want $needed_mb MB of free memory; there are $free_mb"
	settings="GUANXI_SERVER_CONNECTIONS=$users"
	seed="--accounts $users"
	server_start
	say "$name: $(($(server_pids | wc -l))) server processes; $(ulimit -Hn) descriptors each at most"
	# shellcheck disable=SC2086
	measure guanxi --port "$port" --server "$server_pid" --users "$users" $load
}
