# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="people in pairs, one message of each under way"
load="--mode pair --window 1"
peers="ejabberd mosquitto"
ratios="msgs_per_s server_cpu_us_per_msg"
targets="msgs_per_s>=55000"
