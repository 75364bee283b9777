# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="people in pairs, ten messages of each under way"
load="--mode pair --window 10 --warm 4"
peers="ejabberd mosquitto"
ratios="msgs_per_s server_cpu_us_per_msg"
targets="msgs_per_s>=120000 server_cpu_us_per_msg<=10 ejabberd:msgs_per_s>=60 mosquitto:msgs_per_s>=1"
