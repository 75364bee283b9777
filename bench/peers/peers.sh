# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# peers.sh - the servers we are measured against: installed from Debian, started on loopback in a folder of the run.
#
# Sourced by bench/run. peer_start NAME USERS sets peer_pid and peer_port; what a peer writes goes into
# the folder $work/NAME.

packages_peers="ejabberd erlang-p1-sqlite3 mosquitto sqlite3"

declare -A peer_proto=([ejabberd]=xmpp [mosquitto]=mqtt)

# fill FILE: the peer's settings with its folder and port.
peer_fill() { sed "s|@DIR@|$dir|g; s|@PORT@|$peer_port|g" "bench/peers/$1" >"$dir/$1"; }

# The archive is SQLite's: WAL, and synchronous=FULL, which is SQLite's default.
start_ejabberd() {
	local users=$1
	sqlite3 "$dir/ejabberd.sqlite" </usr/share/ejabberd/sql/lite.sql
	sqlite3 "$dir/ejabberd.sqlite" >/dev/null <<-END
		PRAGMA journal_mode = WAL;
		INSERT INTO users (username, password)
		SELECT 'u' || value, 'secret' FROM generate_series(0, $users - 1);
	END
	peer_fill ejabberd.yml
	# Straight Erlang instead of ejabberdctl: no node name, so no epmd and no listener but ours.
	(
		cd "$dir" || exit
		export EJABBERD_CONFIG_PATH=$dir/ejabberd.yml EJABBERD_LOG_PATH=$dir/ejabberd.log
		export ERL_LIBS=/usr/lib/x86_64-linux-gnu ERL_MAX_PORTS=32000 ERL_CRASH_DUMP_BYTES=0
		export HOME=$dir
		exec erl +K true +P 250000 -noinput -mnesia dir "\"$dir\"" -s ejabberd
	) >"$dir/log" 2>&1 &
	peer_pid=$!
}

start_mosquitto() {
	peer_fill mosquitto.conf
	mosquitto -c "$dir/mosquitto.conf" >"$dir/log" 2>&1 &
	peer_pid=$!
}

peer_start() {
	local dir=$work/$1
	mkdir "$dir"
	peer_port=$(free_port)
	"start_$1" "$2"
	for _ in $(seq 300); do
		(: </dev/tcp/127.0.0.1/"$peer_port") 2>/dev/null && return 0
		kill -0 "$peer_pid" 2>/dev/null || break
		sleep 0.1
	done
	cat "$dir"/log "$dir"/*.log >&2
	die "$1 did not start"
}

peer_stop() {
	[ -n "$peer_pid" ] || return 0
	kill "$peer_pid" 2>/dev/null || true
	wait "$peer_pid" 2>/dev/null || true
	peer_pid=
	rm -rf "${work:?}/$1"
}
