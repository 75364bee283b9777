# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="100,000 accounts, each with a session that rests (peers: 5,000)"
users=100000
users_peers=5000
seed="--accounts $users"
settings="GUANXI_SERVER_CONNECTIONS=$users"
load="--mode crowd --seeded --hold 10"
load_ejabberd="--mode crowd --hold 10"
load_mosquitto=$load_ejabberd
peers="ejabberd mosquitto"
ratios="bytes_per_session server_cpu_us_per_connect"
targets="bytes_per_session<=512 idle_cpu_ms_per_s<=0"
