# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="100,000 clients lose their connections, miss a message, and return at once; done when each has it"
users=100000
seed="--accounts $users"
settings="GUANXI_SERVER_CONNECTIONS=$users"
load="--mode crowd --seeded --hold 1 --parallel 4096 --storm"
targets="storm_synced_s<=20 storm_synced>=$users"
