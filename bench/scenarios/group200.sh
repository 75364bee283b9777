# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="one group, one sender, ten messages under way"
load="--mode group --window 10"
peers="ejabberd mosquitto"
ratios="deliveries_per_s server_cpu_us_per_delivery"
targets="deliveries_per_s>=500000 mosquitto:deliveries_per_s>=3.5"
