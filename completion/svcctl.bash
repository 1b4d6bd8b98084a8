# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# bash completion for svcctl(8). Names of objects and of services are asked from
# svcd and from the kernel: whoever may not ask them gets no names.

# The line up to the cursor, split at blanks alone: bash's own words end at the
# colons of addresses and of names such as default/web:http.
_svcctl_split()
{
	local line=${COMP_LINE:0:COMP_POINT}

	read -ra words <<<"$line"
	[[ $line == *[[:blank:]] ]] && words+=('')
	cword=$((${#words[@]} - 1))
}

# The words of the command line that are no options: verb, type, names.
_svcctl_words()
{
	local i skip=0

	words_plain=()
	for ((i = 1; i < cword; i++)); do
		if ((skip)); then
			skip=0
			continue
		fi
		case ${words[i]} in
		--socket | -n | --namespace | -o | --output | -l | --selector | \
		--field-selector | -f | --filename | --owner | --family | --frontend | \
		--endpoint | --source-range | --scheduler | --affinity | --proto | \
		--client | --dry-run)
			skip=1
			;;
		-*) ;;
		*)
			words_plain+=("${words[i]}")
			;;
		esac
	done
}

# The options that say where to ask, as they were given.
_svcctl_where()
{
	local i

	where=()
	for ((i = 1; i < cword - 1; i++)); do
		case ${words[i]} in
		-n | --namespace)
			where+=(-n "${words[i + 1]}")
			;;
		esac
	done
}

_svcctl_ask()
{
	local i socket=()

	for ((i = 1; i < cword - 1; i++)); do
		[[ ${words[i]} == --socket ]] && socket=(--socket "${words[i + 1]}")
	done
	timeout 2 "${words[0]}" "${socket[@]}" "$@" 2>/dev/null
}

# Reply with those of the words in $2 that begin with $1; what bash takes for words
# of their own in front of them is not repeated.
_svcctl_reply()
{
	local front=''

	mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
	[[ $1 == *:* && $COMP_WORDBREAKS == *:* ]] && front=${1%:*}:
	COMPREPLY=("${COMPREPLY[@]#"$front"}")
}

_svcctl_names()
{
	_svcctl_ask get "$@" -o name | sed 's,^[^/]*/,,'
}

# Names of services in the kernel.
_svcctl_services()
{
	_svcctl_ask show -j | grep -o '^    "name": *"[^"]*"' | cut -d '"' -f 4 | sort -u
}

# Endpoints that the service of these words has.
_svcctl_endpoints()
{
	_svcctl_ask show --all "$1" | sed -n 's/^  endpoints    //p' |
		sed 's/, /\n/g' | cut -d , -f 1
}

_svcctl_objects()
{
	local types='services pods endpoints namespaces events' where

	if ((${#words_plain[@]} == 1)); then
		[[ ${words_plain[0]} == get ]] && types+=' all'
		_svcctl_reply "$1" "$types"
		return
	fi
	_svcctl_where
	_svcctl_reply "$1" "$(_svcctl_names "${words_plain[1]}" "${where[@]}")"
}

# The value of the option before the word; 1: it takes none.
_svcctl_value()
{
	local formats='json yaml name'

	case $2 in
	-o | --output)
		[[ ${words_plain[0]} == get ]] && formats+=' wide'
		[[ ${words_plain[0]} == delete ]] && formats=name
		_svcctl_reply "$1" "$formats"
		;;
	-n | --namespace)
		_svcctl_reply "$1" "$(_svcctl_names namespaces)"
		;;
	-f | --filename | --socket)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$1")
		;;
	--dry-run)
		_svcctl_reply "$1" server
		;;
	--family)
		_svcctl_reply "$1" '4 6'
		;;
	--proto)
		_svcctl_reply "$1" 'TCP UDP SCTP'
		;;
	--scheduler)
		_svcctl_reply "$1" 'hash source maglev rr leastconn'
		;;
	-l | --selector | --field-selector | --owner | --frontend | --endpoint | \
		--source-range | --affinity | --client) ;;
	*)
		return 1
		;;
	esac
}

_svcctl_options()
{
	case ${words_plain[0]} in
	create) echo '-f -n -o --dry-run' ;;
	get) echo '-n -A -o -l --field-selector -w --no-headers' ;;
	describe) echo '-n -A -l' ;;
	delete) echo '-f -n --all -l --ignore-not-found -o' ;;
	add)
		if [[ ${words_plain[1]} == endpoint ]]; then
			echo '--family --owner --any-owner'
		else
			echo '--frontend --endpoint --scheduler --affinity --internal-local' \
				'--external-local --source-range --reset --account --replace' \
				'--owner --family'
		fi
		;;
	del) echo '--family --owner --any-owner' ;;
	show) echo '-4 -6 --owner -v -j' ;;
	stats)
		[[ ${words_plain[1]} == services ]] && echo '--owner --proto --family'
		echo '-j'
		;;
	affinity) echo '--proto --family --client -j' ;;
	monitor) echo '-v -j' ;;
	flush | save) echo '--owner' ;;
	restore) echo '--flush' ;;
	upgrade) echo '--force' ;;
	resolve | settings | version) echo '-j' ;;
	*) echo '--socket --help --version' ;;
	esac
}

# What the next plain word of a verb for the kernel may be.
_svcctl_kernel()
{
	local n=${#words_plain[@]} replies=''

	case ${words_plain[0]}:$n in
	add:1 | del:1) replies='service endpoint' ;;
	add:2) [[ ${words_plain[1]} == endpoint ]] && replies=$(_svcctl_services) ;;
	add:3 | del:3) replies='TCP UDP SCTP' ;;
	del:2 | show:1) replies=$(_svcctl_services) ;;
	stats:1) replies=services ;;
	affinity:1) replies='show flush' ;;
	stats:2 | affinity:2) replies=$(_svcctl_services) ;;
	restore:1 | upgrade:1)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$1")
		return
		;;
	settings:*) replies=$(_svcctl_setting "$n") ;;
	del:*) [[ ${words_plain[1]} == endpoint ]] && replies=$(_svcctl_endpoints "${words_plain[2]}") ;;
	esac
	_svcctl_reply "$1" "$replies"
}

# Keys and values take turns; the keys are those that the kernel shows.
_svcctl_setting()
{
	if (($1 % 2)); then
		_svcctl_ask settings | cut -d ' ' -f 1 | grep -e - -e '^echo$' -e '^armed$'
		return
	fi
	case ${words_plain[$1 - 1]} in
	*-cidrs) echo none ;;
	loopback-nodeports | masquerade-all | echo | armed) echo 'on off' ;;
	esac
}

_svcctl()
{
	local words cword cur prev words_plain
	local verbs='add del show stats affinity monitor flush save restore resolve settings upgrade version
		create get describe delete help'

	COMPREPLY=()
	_svcctl_split
	cur=${words[cword]}
	prev=${words[cword - 1]}
	_svcctl_words
	_svcctl_value "$cur" "$prev" && return
	if [[ $cur == -* ]]; then
		_svcctl_reply "$cur" "$(_svcctl_options)"
		return
	fi
	case ${words_plain[0]} in
	'' | help)
		_svcctl_reply "$cur" "$verbs"
		;;
	get | describe | delete)
		_svcctl_objects "$cur"
		;;
	*)
		_svcctl_kernel "$cur"
		;;
	esac
}

complete -F _svcctl svcctl
