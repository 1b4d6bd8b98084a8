#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the programs say when something is wrong, out of the sources.

	tests/docs/messages.py [-w] [SOURCE_DIR]	each message once: PROGRAM<tab>TEXT, with
						… for what varies; -w: where it stands, too
	tests/docs/messages.py -c DOCUMENT [SOURCE_DIR]	compare with DOCUMENT: exit 1 if it
						lacks one, or has one that nobody says

In DOCUMENT messages stand in backticks in the first cells of tables; … is anything there,
so that one may stand for several that differ in a word. Its sections "## svcctl", "## svcd",
"## The module" and "## Both" say whose they are.

A message is a string that is given to one of the functions in SAYS, or one of those that
stand by themselves in a file of TEXTS. So that none is missed, each function that takes a
format (its declaration says so to the compiler) has to be in SAYS or in SILENT.
"""
import collections
import glob
import os
import re
import sys

# Which argument is the text, counted from 0; None: each string in the call.
SAYS = {
    "err_set": 2, "err_prefix": 1,
    "log_error": 0, "log_warning": 0, "log_line": 1,
    "verbs_usage": 1, "plan_complain": None, "bad_line": None,
    "fail_at": None, "fail": None, "yaml_fail": None, "manifest_set_fail": None,
    "nft_run": None, "rtnl_dump": None, "rtnl_ask": None, "set": None, "stuck": None,
    "svcnat_extack": 2, "NL_SET_ERR_MSG": 1, "NL_SET_ERR_MSG_ATTR": 2, "NL_SET_ERR_MSG_FMT": 1,
    "NL_SET_ERR_MSG_ATTR_FMT": 2, "pr_err": 0, "pr_warn": 0,
    "status_fail": None, "status_bad_request": None, "status_conflict": None,
    "api_send_status": 3, "api_send_generic": 3, "api_send_text": 2, "http_call_text": None,
    "refuse": None, "refuse_option": None,
    "field_invalid": 2, "field_forbidden": 1, "field_required": 1, "text": None,
    "bad": None, "append": None, "invalid": None, "validate_one": None,
    "refuse_document": None, "json_sprintf": None, "asprintf": 1, "snprintf": 2,
}
# They say something else: a path, a name, a line of a table, a question, what went well.
SILENT = {
    "FIELD_PATH", "enter", "leave", "line", "log_info", "log_debug", "rows_print",
    "field_duplicate", "field_format", "field_not_found", "field_too_long", "field_too_many",
    "field_unsupported", "refuse_value", "status_exists", "status_not_found",
}
# By these names functions may say messages, too.
REFUSES = re.compile(r"(\w+_)?(refuse|fail|complain)(_\w+)?$")
# Files whose strings are texts of refusals, wherever they stand.
TEXTS = {
    "daemon/lib/netlink_parse.c", "daemon/lib/yaml_scalar.c", "daemon/svcctl/refusal.c",
    "daemon/svcd/format.c", "daemon/svcd/format_ip.c", "daemon/svcd/kubeconfig.c",
    "daemon/svcd/lb_service.c", "daemon/svcd/options_pools.c", "daemon/svcd/pool.c",
    "daemon/svcd/proxy_drift.c", "daemon/svcd/quantity.c", "daemon/svcd/slice_controller.c",
    "daemon/svcd/watch.c", "kmod/policy.c",
}
# Files that print tables and states, and have no messages but by functions above.
TABLES = {"daemon/svcctl/status_print.c", "daemon/svcctl/top_print.c"}
# In the same places: for nft, SQLite, HTTP, the node's probes and its tables; notes of success.
NO_TEXT = re.compile(r"(add table|\\ndelete table|PRAGMA |.{0,4}Content-Type|Allow: |\[\+\]ping|"
                     r"announcing from|Assigned IP|no-cache|Topology Aware Hints has been enabled|"
                     r"num kMGTPE|valid again|%s%s \+0000)")

ERROR = re.compile(r"(error|svcctl|svcd): ")

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|\\\n|\s+|'
                   r'[A-Za-z_]\w*|\d[\w.]*|.', re.S)
CONVERSION = re.compile(r'%%|%p[IMUbhi]\w*|%[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?'
                        r'(?:hh|h|ll|l|j|z|t|L)?[diouxXeEfgGcspmn]')
DEFINED = re.compile(r'^#define[ \t]+(\w+)[ \t]+("(?:[^"\\\n]|\\.)*")[ \t]*(?:/\*.*)?$', re.M)
FORMATTED = re.compile(r'(?:__attribute__\(\(format\(printf|\bFIELD_PATH\((?!n\))|'
                       r'\b__printf\()')


def tokens(text):
    for m in TOKEN.finditer(text):
        t = m.group()
        if not t[0].isspace() and not t.startswith(("//", "/*", "\\\n")):
            yield t, text.count("\n", 0, m.start()) + 1 if t[0] == '"' else 0


def macros(files):
    """#define NAME "text", of which a format may be made."""
    found = {}
    for text in files.values():
        for m in DEFINED.finditer(text):
            found[m.group(1)] = m.group(2)[1:-1]
    return found


def plain(text):
    """As it stands in the document: … for each conversion, no escapes."""
    text = CONVERSION.sub(lambda m: "%" if m.group() == "%%" else "…", text)
    text = text.replace(r"\n", " ").replace(r"\"", '"').replace(r"\\", "\\")
    return re.sub("…+", "…", text).strip()


def is_text(text):
    """Two words at least: else it is a name."""
    return len(re.findall(r"[A-Za-z]{2,}", text)) >= 2 and " " in text


def calls(text, known):
    """[function, index of the argument, words of the first one, string, line] of each string."""
    stack = []      # [function or None, arguments so far, words of the first one]
    before = ""
    defined = False
    run = list(tokens(text))
    i = 0
    while i < len(run):
        t, line = run[i]
        if t == "(":
            stack.append([before if re.match(r"[A-Za-z_]\w*$", before) else None, 0, []])
        elif t in "[{":
            stack.append([t, 0, []])
        elif t in ")]}":
            if stack:
                stack.pop()
        elif t == "," and stack:
            stack[-1][1] += 1
        elif t[0] == '"':
            said = t[1:-1]
            while i + 1 < len(run):
                n = run[i + 1][0]
                if n[0] == '"':
                    said += n[1:-1]
                elif re.match(r"[A-Z][A-Za-z0-9_]+$", n):
                    # "%" PRIu64: a conversion; else what the macro says
                    said += "d" if said.endswith("%") else known.get(n, "%s")
                else:
                    break
                i += 1
            # A macro in front of it is a part, too.
            if re.match(r"[A-Z][A-Z0-9_]+$", before) and not defined:
                said = known.get(before, "%s") + said
            inner = [c for c in stack if c[0] not in (None, "[", "{")]
            if inner:
                yield inner[-1] + [said, line]
            else:
                yield [None, 0, [], said, line]
        elif stack and not stack[-1][1]:
            stack[-1][2].append(t)
        defined = before == "define"
        before = t
        i += 1


def program(path):
    part = path.split("/")
    return {"kmod": "module", "lib": "both"}.get(part[0] if part[0] == "kmod" else part[1], part[1])


def sources(root):
    paths = []
    for pattern in ("daemon/*/*.[ch]", "kmod/*.[ch]"):
        paths += glob.glob(os.path.join(root, pattern))
    return {os.path.relpath(p, root): open(p, encoding="utf-8").read() for p in sorted(paths)}


def is_message(path, function, arg, first, said):
    if path in TABLES and function in ("snprintf", "asprintf"):
        return False
    if function in SAYS:
        return SAYS[function] in (None, arg)
    if function and REFUSES.match(function) and function not in SILENT:
        return True
    if function in ("fprintf", "fputs"):
        return path in TEXTS or "err" in first or "stderr" in first or ERROR.match(said)
    return path in TEXTS and function not in SILENT | {"strcmp", "strstr", "strncmp"}


def collect(root):
    """{(program, text): [place]}"""
    files = sources(root)
    known = macros(files)
    found = collections.OrderedDict()
    for path, text in files.items():
        for function, arg, first, said, line in calls(text, known):
            if not is_message(path, function, arg, first, said) or NO_TEXT.match(said):
                continue
            said = plain(said)
            if is_text(said):
                found.setdefault((program(path), said), []).append("%s:%d" % (path, line))
    return found


def unknown_functions(root):
    """Declared to take a format, and neither in SAYS nor in SILENT."""
    found = set()
    for path, text in sources(root).items():
        for m in FORMATTED.finditer(text):
            # The kernel's hand has it in front of the function, ours behind it.
            if m.group().startswith("__printf"):
                name = re.search(r"\b(\w+)\(", text[text.index(")", m.end()):])
            else:
                name = re.search(r"\b(\w+)\((?!\()", re.split(r"[;}]", text[:m.start()])[-1])
            if name and name.group(1) not in set(SAYS) | SILENT:
                found.add("%s: %s" % (path, name.group(1)))
    return sorted(found)


SECTIONS = {"## svcctl": ("svcctl", "both"), "## svcd": ("svcd", "both"),
            "## Both": ("both", "svcctl", "svcd"), "## The module": ("module",)}


def documented(path):
    """[(programs, text)]: the code spans in the first cells of the tables' rows."""
    texts = []
    programs = ()
    for line in open(path, encoding="utf-8"):
        if line.startswith("## "):
            programs = SECTIONS.get(line.strip(), ())
        if not line.startswith("| `"):
            continue
        cell = re.split(r"(?<!\\)\|", line)[1].replace(r"\|", "|")
        for m in re.finditer(r"(`+)(.+?)\1(?!`)", cell):
            texts.append((programs, m.group(2).strip()))
    return texts


def compare(document, root):
    found = collect(root)
    lacking = dict(found)
    bad = []
    for programs, text in documented(document):
        pattern = re.compile(".*".join(re.escape(t) for t in text.split("…")) + "$", re.S)
        met = [k for k in found if k[0] in programs and pattern.match(k[1])]
        if not met:
            bad.append("no source says: %s" % text)
        if not is_text(text.replace("…", "")):
            bad.append("too little to know it by: %s" % text)
        for k in met:
            lacking.pop(k, None)
    bad += ["%s lacks: %s: %s (%s)" % (document, k[0], k[1], v[0]) for k, v in lacking.items()]
    bad += ["%s() takes a format: does it say messages? (SAYS, SILENT)" % n
            for n in unknown_functions(root)]
    print("\n".join(bad) if bad else "%d messages" % len(found))
    return 1 if bad or len(found) < 100 else 0


def main(args):
    if args[:1] == ["-c"]:
        return compare(args[1], args[2] if len(args) > 2 else ".")
    where = args[:1] == ["-w"]
    rest = args[1:] if where else args
    for (who, text), places in collect(rest[0] if rest else ".").items():
        print("\t".join([who, text] + (places if where else [])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
