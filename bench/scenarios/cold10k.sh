# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="10,000 people, each with a message under way to one of his friends at random; 100,000 conversations, all in use, hold 3,000,000 old messages"
users=10000
seconds=10
seed="--accounts $users --friends 10 --messages 3000000"
load="--mode pair --seeded --friends 10 --window 1 --may-refuse --warm 12"
targets="msgs_per_s>=70000 refused<=0"
