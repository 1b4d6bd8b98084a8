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

# Options whose value is the next word.
_svcctl_takes_value()
{
	case $1 in
	--socket | -n | --namespace | -o | --output | -l | --selector | --field-selector | \
		-f | --filename | -L | --label-columns | -p | --patch | --patch-file | --type | \
		--subresource | --for | --timeout | --grace-period | --dry-run | --tcp | \
		--clusterip | --node-port | --external-name | --owner | --family | --frontend | \
		--endpoint | --source-range | --scheduler | --affinity | --proto | --client | \
		--sort | -d | --interval | --count | --sort-by | --port | --target-port | \
		--protocol | --name | --cluster-ip | --external-ip | --load-balancer-ip | \
		--session-affinity | --labels | --device) ;;
	*) return 1 ;;
	esac
}

# The words of the command line that are no options: verb, type, names.
_svcctl_words()
{
	local i

	words_plain=()
	for ((i = 1; i < cword; i++)); do
		if _svcctl_takes_value "${words[i]}"; then
			((i++))
		elif [[ ${words[i]} != -* ]]; then
			words_plain+=("${words[i]}")
		fi
	done
}

# The options that say where to ask, as they were given.
_svcctl_where()
{
	local i

	where=()
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-n | --namespace)
			((i + 1 < cword)) && where+=(-n "${words[i + 1]}")
			;;
		-n?* | --namespace=*)
			where+=("${words[i]}")
			;;
		esac
	done
}

_svcctl_ask()
{
	local i socket=()

	for ((i = 1; i < cword; i++)); do
		[[ ${words[i]} == --socket ]] && socket=(--socket "${words[i + 1]}")
		[[ ${words[i]} == --socket=* ]] && socket=("${words[i]}")
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

_svcctl_files()
{
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
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

# TYPE, then names of it; or TYPE/NAME.
_svcctl_objects()
{
	local types='services pods endpointslices endpoints nodes namespaces events' where

	[[ ${words_plain[0]:-} == expose ]] && types='services pods'
	_svcctl_where
	if [[ $1 == */* ]]; then
		_svcctl_reply "$1" "$(_svcctl_names "${1%%/*}" "${where[@]}" |
			sed "s,^,${1%%/*}/,")"
	elif ((${#words_plain[@]} == 1)); then
		[[ ${words_plain[0]:-} == get ]] && types+=' all'
		_svcctl_reply "$1" "$types"
	elif [[ ${words_plain[1]:-} != */* ]]; then
		_svcctl_reply "$1" "$(_svcctl_names "${words_plain[1]:-}" "${where[@]}")"
	fi
}

_svcctl_create()
{
	case ${words_plain[1]:-}:${#words_plain[@]} in
	:1) _svcctl_reply "$1" 'service namespace' ;;
	service:2 | svc:2) _svcctl_reply "$1" 'clusterip nodeport loadbalancer externalname' ;;
	esac
}

# The value of option $2 that begins with $1.
_svcctl_value()
{
	local formats='json yaml name'

	case $2 in
	-o | --output)
		[[ ${words_plain[0]:-} == get ]] && formats+=' wide'
		[[ ${words_plain[0]:-} == status ]] && formats='json yaml'
		[[ ${words_plain[0]:-} == delete || ${words_plain[0]:-} == wait ]] && formats=name
		_svcctl_reply "$1" "$formats"
		;;
	-n | --namespace)
		[[ ${words_plain[0]:-} == top ]] || _svcctl_reply "$1" "$(_svcctl_names namespaces)"
		;;
	-f | --filename | --socket | --patch-file)
		_svcctl_files "$1"
		;;
	--dry-run)
		_svcctl_reply "$1" 'server client none'
		;;
	--validate)
		_svcctl_reply "$1" 'strict warn ignore'
		;;
	--type)
		if [[ ${words_plain[0]:-} == expose ]]; then
			_svcctl_reply "$1" 'ClusterIP NodePort LoadBalancer'
		else
			_svcctl_reply "$1" 'strategic merge json'
		fi
		;;
	--session-affinity)
		_svcctl_reply "$1" 'None ClientIP'
		;;
	--sort-by)
		_svcctl_reply "$1" '.metadata.name .metadata.creationTimestamp'
		;;
	--subresource)
		_svcctl_reply "$1" status
		;;
	--for)
		compopt -o nospace
		_svcctl_reply "$1" 'delete create condition= jsonpath='
		;;
	--color)
		_svcctl_reply "$1" 'auto always never'
		;;
	--family)
		_svcctl_reply "$1" '4 6'
		;;
	--proto | --protocol)
		_svcctl_reply "$1" 'TCP UDP SCTP'
		;;
	--scheduler)
		_svcctl_reply "$1" 'hash source maglev rr leastconn'
		;;
	--sort)
		_svcctl_reply "$1" 'connections active packets bytes'
		;;
	esac
}

_svcctl_options()
{
	local manifest='-f -R -n -o --dry-run --validate'

	case ${words_plain[0]:-} in
	create)
		case ${words_plain[1]:-}:${words_plain[2]:-} in
		service:clusterip | svc:clusterip) echo '--tcp --clusterip -n -o --dry-run' ;;
		service:nodeport | svc:nodeport) echo '--tcp --node-port -n -o --dry-run' ;;
		service:loadbalancer | svc:loadbalancer) echo '--tcp -n -o --dry-run' ;;
		service:externalname | svc:externalname)
			echo '--external-name --tcp -n -o --dry-run'
			;;
		namespace:* | ns:*) echo '-o --dry-run' ;;
		*) echo "$manifest" ;;
		esac
		;;
	apply | replace) echo "$manifest" ;;
	expose)
		echo '--port --target-port --protocol --name --type --cluster-ip --external-ip' \
			'--load-balancer-ip --session-affinity --selector -l -n -o --dry-run'
		;;
	get)
		echo '-n -A -f -R -o -l --field-selector -w --watch-only --sort-by' \
			'--show-labels -L --no-headers --ignore-not-found'
		;;
	describe) echo '-n -A -f -R -l' ;;
	delete)
		echo '-f -R -n -A --all -l --field-selector --ignore-not-found --grace-period' \
			'--now --force --wait=false --timeout -o --dry-run'
		;;
	patch) echo '-p --patch-file --type --subresource -n -f -R -o --dry-run' ;;
	label | annotate) echo '--overwrite -n -A -f -R -l --all -o --dry-run' ;;
	wait) echo '--for --timeout -n -A -f -R -l --all -o' ;;
	add)
		if [[ ${words_plain[1]:-} == endpoint ]]; then
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
		[[ ${words_plain[1]:-} == services ]] && echo '--owner --proto --family'
		echo '-j'
		;;
	top) echo '-d -n --once --sort --owner -v -j' ;;
	status) echo '--ready -o -j' ;;
	affinity) echo '--proto --family --client -j' ;;
	monitor) echo '-v -j' ;;
	flush | save) echo '--owner' ;;
	restore) echo '--flush' ;;
	fastpath) echo '--device -j' ;;
	upgrade) echo '--force' ;;
	resolve) echo '-i --interface -j' ;;
	settings | version) echo '-j' ;;
	*) echo '--socket --color= --help --version' ;;
	esac
}

# What the next plain word of a verb for the kernel may be.
_svcctl_kernel()
{
	local n=${#words_plain[@]} replies=''

	case ${words_plain[0]:-}:$n in
	add:1 | del:1) replies='service endpoint' ;;
	add:2) [[ ${words_plain[1]:-} == endpoint ]] && replies=$(_svcctl_services) ;;
	add:3 | del:3) replies='TCP UDP SCTP' ;;
	del:2 | show:1 | top:1) replies=$(_svcctl_services) ;;
	stats:1) replies=services ;;
	affinity:1) replies='show flush' ;;
	fastpath:1) replies='on off show' ;;
	stats:2 | affinity:2) replies=$(_svcctl_services) ;;
	restore:1 | upgrade:1)
		_svcctl_files "$1"
		return
		;;
	settings:*) replies=$(_svcctl_setting "$n") ;;
	del:*)
		[[ ${words_plain[1]:-} == endpoint ]] &&
			replies=$(_svcctl_endpoints "${words_plain[2]:-}")
		;;
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
	case ${words_plain[$1 - 1]:-} in
	*-cidrs) echo none ;;
	loopback-nodeports | masquerade-all | echo | armed) echo 'on off' ;;
	esac
}

# "--output=js": bash takes what is behind the "=" for a word of its own.
_svcctl_joined()
{
	_svcctl_value "${1#*=}" "${1%%=*}"
	[[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/${1%%=*}=}")
}

_svcctl()
{
	local words cword cur prev words_plain
	local verbs='add del show stats top affinity monitor flush save restore resolve settings fastpath
		upgrade version create expose apply replace patch label annotate get describe delete
		wait status help'

	COMPREPLY=()
	_svcctl_split
	cur=${words[cword]}
	prev=${words[cword - 1]}
	_svcctl_words
	if [[ $cur == --*=* ]]; then
		_svcctl_joined "$cur"
		return
	elif _svcctl_takes_value "$prev"; then
		_svcctl_value "$cur" "$prev"
		return
	elif [[ $cur == -* ]]; then
		_svcctl_reply "$cur" "$(_svcctl_options)"
		return
	fi
	case ${words_plain[0]:-} in
	'' | help)
		_svcctl_reply "$cur" "$verbs"
		;;
	get | describe | delete | patch | label | annotate | wait | expose)
		_svcctl_objects "$cur"
		;;
	create)
		_svcctl_create "$cur"
		;;
	apply | replace) ;;
	*)
		_svcctl_kernel "$cur"
		;;
	esac
}

complete -F _svcctl svcctl
