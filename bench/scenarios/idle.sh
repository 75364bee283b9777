# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="sessions that rest"
users=5000
load="--mode crowd --hold 10"
peers="ejabberd mosquitto"
ratios="bytes_per_session server_cpu_us_per_connect"
targets="bytes_per_session<=512"
