# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="a steady 2,000 messages a second; ejabberd, which would not follow, gets 200"
load="--mode pair --rate 2000"
load_ejabberd="--mode pair --rate 200"
seconds=10
peers="ejabberd mosquitto"
ratios="p50_ms p99_ms p999_ms server_cpu_us_per_msg"
targets="p50_ms<=0.5 p99_ms<=3"
