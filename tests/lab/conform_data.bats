# conform on the data, on loads and on the v1 region: what spoils them is found by the tests that ask, and large ones pass.
load helpers

# said DEVICE ONLY: what was not simply passed, as "fail:TEST" and "warn:TEST" in one line
said() {
	vfio-migctl conform "$1" --only "$2" --illegal 2>/dev/null |
		awk '/^not ok/ { print "fail:" $5 } /^ok/ { name = $4 } /^  verdict: warn/ { print "warn:" name }
			/^Bail out!/ { print "bail" }' | paste -sd ' '
}

# Each: protocol and settings | attribute=line | what is said among others; nothing: it passes
spoil_each() {
	local settings spoilt want got bad=0 n=0 only word
	while IFS='|' read -r settings spoilt want; do
		n=$((n + 1))
		# shellcheck disable=SC2086 # several settings
		describe_sim "s$n" $settings || return
		[ -z "$spoilt" ] || echo "${spoilt#*=}" >"$SIMS/s$n/${spoilt%%=*}" || return
		only=data,resume
		[[ $settings != *v1* ]] || only+=,region
		got=$(said "migsim-s$n" "$only")
		[ -n "$want" ] || [ -z "$got" ] || { echo "$settings: said '$got'" && bad=1; }
		for word in $want; do
			[[ " $got " = *" $word "* ]] || { echo "$settings, $spoilt: said '$got', not '$word'" && bad=1; }
		done
	done
	return "$bad"
}

@test "what spoils the data or the windows is found by the test that asks for it" {
	untraced spoil_each <<-'EOT'
		protocol=v1 state_size=9000 chunk_size=1048576|data_faults=pending-forever|fail:data/windows
		protocol=v1 state_size=9000|data_faults=bad-offset=16|fail:data/windows
		protocol=v1 state_size=9000|data_faults=bad-size=99999999|fail:data/windows
		protocol=v1 state_size=9000|data_faults=offset-moves|fail:data/windows
		protocol=v1 state_size=9000|data_faults=unaligned|warn:data/windows
		protocol=v1 state_size=9000 mmap=1|data_faults=unaligned|fail:data/windows fail:data/mapped-window
		protocol=v1 state_size=9000 mmap=1|chain=sparse-bad|fail:region/announced
		protocol=v1 state_size=9000|faults=data-write EIO times=0 at=1000|fail:resume/round-trip
		protocol=v2 state_size=9000|data_faults=corrupt=100|fail:resume/round-trip fail:resume/any-size
		protocol=v2 state_size=9000|faults=data-read EIO times=0 at=1000|fail:data/drains fail:data/pre-copy-end
		protocol=v2 state_size=9000|faults=precopy-info EIO times=0|fail:data/pre-copy-info
	EOT
}

@test "states of several MiB pass, in windows and in one piece" {
	untraced spoil_each <<-'EOT'
		protocol=v1 mmap=1 state_size=5242881 chunk_size=1048576||
		protocol=v2 state_size=5242881||
	EOT
}
