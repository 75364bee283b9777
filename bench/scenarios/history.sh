# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="pages of 50 from anywhere in a conversation of 1,000,000 messages"
seed="--accounts 10 --friends 1 --deep 1000000"
load="--mode history --seeded --friends 1 --count 5000"
targets="p99_ms<=5"
