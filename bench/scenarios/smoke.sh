# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
about="what a message costs, in counts that do not depend on how busy the machine is"
scenario_steps() {
	# shellcheck source=bench/smoke/smoke.sh
	. bench/smoke/smoke.sh
	smoke_steps
}
