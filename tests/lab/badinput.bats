# Words that name nothing, in every place of the commands that take a device: exit 2 or 3, one clear line, a live device untouched.
load helpers

# Empty, overlong, not UTF-8, path-like, option-like, and some that look almost right.
words() {
	long=$(printf '%5000s' x)
	WORDS=('' ' ' "${long// /x}" $'\xff\xfe' $'a\nb' /etc/passwd ../../etc ./x / /dev/null /dev/vfio/ /dev/vfio/vfio group: group:-1
		group:99999999999999999999 vfio vfio-1 pci/ 0000:00:1f.9 00000000-0000 eth0/vf eth0/vf-1 --nonsense -Z - '*' "d'x")
}

# bad WORD ARGUMENT...: the word is somewhere among the arguments
bad() {
	local word=$1
	shift
	status=0
	stderr=$(vfio-migctl "$@" 2>&1 >/dev/null) || status=$?
	[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || { printf '%q: exit %s, %s\n' "$word" "$status" "$stderr"; return 1; }
	stderr=${stderr%%$'\n'  hint: *}
	[[ -n $stderr && $stderr != *$'\n'* && $stderr != *$'\xff'* && ${#stderr} -lt 6000 ]] || { printf '%q: %q\n' "$word" "$stderr"; return 1; }
}

all_words() {
	local word
	words
	for word in "${WORDS[@]}"; do
		bad "$word" get "$word" && bad "$word" set "$word" stop && bad "$word" set migsim-d "$word" && bad "$word" reset "$word" || return
	done
}

@test "bad words for a device and for a state" {
	make_sim d
	untraced all_words
	bad too-many get migsim-d stop
	bad too-few set migsim-d
	stat_is d opens 0
	migctl 0 get migsim-d
}
