# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="10,000 messages under way over 1,000 connections, each to one of 100 friends at random; 100,000 conversations, all in use, hold 3,000,000 old messages"
users=1000
seconds=10
seed="--accounts $users --friends 100 --messages 3000000"
load="--mode pair --seeded --friends 100 --window 10 --may-refuse --warm 12"
targets="msgs_per_s>=70000 refused<=0"
