# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="what is new for clients with 500 conversations of which 20 have changed; 50 of them, each the first time too"
users=2000
seed="--accounts $users --friends 250 --messages 1000000"
load="--mode sync --seeded --friends 250 --count 1000"
targets="p99_ms<=10"
