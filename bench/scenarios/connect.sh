# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="100,000 clients come with their tokens (peers: 5,000 with their passwords or none)"
users=100000
users_peers=5000
seed="--accounts $users"
settings="GUANXI_SERVER_CONNECTIONS=$users"
load="--mode crowd --seeded --hold 1"
load_ejabberd="--mode crowd --hold 1"
load_mosquitto=$load_ejabberd
peers="ejabberd mosquitto"
ratios="server_cpu_us_per_connect"
targets="server_cpu_us_per_connect<=60"
