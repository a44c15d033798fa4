# What the tests of check share.
# shellcheck shell=bash
# output is set by migctl
# shellcheck disable=SC2154

# finding NAME VERDICT WORDS: of the first device of the last run
finding() {
	local got
	got=$(gojq -r ".devices[0].checks[] | select(.name == \"$1\") | .verdict + \": \" + .found" <<<"$output")
	[[ $got = "$2: "*"$3"* ]] || { show_run "$1 is '$got', not '$2: ... $3'"; return 1; }
}

# mend NAME: runs the remedy of a check of the last run, as a root shell would.
mend() {
	local commands
	commands=$(gojq -r ".devices[0].checks[] | select(.name == \"$1\") | .remedy // empty" <<<"$output")
	[ -n "$commands" ] || { show_run "$1 has no remedy"; return 1; }
	eval "$commands"
}
