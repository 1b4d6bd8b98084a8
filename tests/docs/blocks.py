#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The blocks of commands in the documents, and the names in them.

	tests/docs/blocks.py unpack DOCUMENT DIR	its blocks as files of DIR, and DIR/index
	tests/docs/blocks.py check [-s SVCCTL] DOCUMENT...	what is wrong with them, a line each
	tests/docs/blocks.py same WANTED GOT		two files, the first with …: exit 1 if not

The word behind ``` says what a block is:

	sh			commands, one after the other
	sh by TEST		commands of which TEST runs the same; or "make TARGET"
	sh not: REASON		commands that no test can run
	output			what the block of commands before it prints; … is anything in a
				line, and alone any lines
	yaml FILE		a file of this name beside the commands; svcd.yaml: options of svcd
	ini by TEST		a part of a unit, which TEST uses
	text			something else

The index has a line for each of them: kind, line, section, file, commands as text.
"""
import os
import re
import subprocess
import sys

FENCE = re.compile(r"^ {0,3}```(.*)$")
INFO = re.compile(r"(sh|sh by [\w./-]+|sh not: .+|output|yaml [\w.-]+|ini by [\w./-]+|text)$")
root = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def slug(heading):
    return re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_")


def blocks(text):
    """[line, info, section, lines] of each."""
    found, section, block = [], "", None
    for n, line in enumerate(text.split("\n"), 1):
        m = FENCE.match(line)
        if block is None and m:
            block = [n, m.group(1).strip(), section, []]
        elif block is not None and m:
            found.append(block)
            block = None
        elif block is not None:
            block[3].append(line)
        elif re.match(r"#+ ", line):
            section = slug(line.lstrip("# "))
    return found + ([block] if block else [])


def complete(command):
    """Are its quotes closed, its documents ended, its lines not to be continued?"""
    first = command.split("\n")[0]
    for end in re.findall(r"<<-?\s*['\"]?(\w+)", first):
        return bool(re.search(r"\n\t*%s$" % end, command))
    if command.endswith("\\"):
        return False
    quote = None
    for i, c in enumerate(command):
        if quote:
            if c == quote and (quote == "'" or command[i - 1] != "\\"):
                quote = None
        elif c == "#" and (i == 0 or command[i - 1] in " \t\n"):
            rest = command.find("\n", i)
            return rest < 0 or complete(command[rest + 1:])
        elif c in "'\"":
            quote = c
    return quote is None


def commands(block):
    """[(line, text)]"""
    found, text, begin = [], "", 0
    for n, line in enumerate(block[3], block[0] + 1):
        if not text and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begin = begin if text else n
        text = text + "\n" + line if text else line
        if complete(text):
            found.append((begin, text))
            text = ""
    return found + ([(begin, text)] if text else [])


def unpack(document, directory):
    def put(kind, line, section, name, text, more=""):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
            f.write(text + "\n")
        index.write("\t".join([kind, str(line), section, name, more]) + "\n")

    with open(os.path.join(directory, "index"), "w", encoding="utf-8") as index:
        for block in blocks(read(document)):
            line, info, section, lines = block
            kind, _, rest = info.partition(" ")
            if kind in ("", "sh") and all(c.startswith("make ") for _, c in commands(block)):
                put("by", line, section, "%04d.not" % line, "\n".join(lines), "it is for a host")
            elif kind == "sh" and rest:
                put(rest.split(" ")[0], line, section, "%04d.not" % line, "\n".join(lines), rest)
            elif kind == "sh":
                put("block", line, section, "%04d.block" % line, "")
                for n, text in commands(block):
                    put("sh", n, section, "%04d.sh" % n, text, text.split("\n")[0])
            elif kind == "yaml":
                put("yaml", line, section, "%04d.yaml" % line, "\n".join(lines), rest)
            elif kind == "output":
                put("output", line, section, "%04d.output" % line, "\n".join(lines))


def same(wanted, got):
    pattern = ""
    for line in wanted.rstrip("\n").split("\n"):
        if line == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            parts = [re.escape(p) for p in line.rstrip().split("…")]
            pattern += r"[^\n]*".join(parts) + r"[ \t]*\n"
    return re.match(pattern + "$", got.rstrip("\n") + "\n") is not None


# ---- what a document says of the tree

class Checker:
    def __init__(self, svcctl):
        self.svcctl = svcctl
        self.bad = []
        self.makefile = read(os.path.join(root, "Makefile"))
        self.check = read(os.path.join(root, "tests/check.sh"))
        self.help = {}
        self.names = set()
        for folder, dirs, files in os.walk(root):
            dirs[:] = [d for d in dirs if d not in (".git", "build")]
            self.names.update(files)

    def complain(self, document, line, text):
        self.bad.append("%s:%d: %s" % (os.path.relpath(document, root), line, text))

    def recipe(self, target):
        m = re.search(r"^%s:(?!=)([^\n]*)\n((?:\t[^\n]*\n)*)" % re.escape(target), self.makefile,
                      re.M)
        return m.group(2) if m else None

    def ran(self, test):
        """Is it one that make check runs, or that a target of the Makefile runs?"""
        return bool(re.match(r"tests/(selftests/\w+\.sh|unit/test_\w+\.(c|sh))$", test)
                    or test in self.check or test in self.makefile)

    def make(self, document, line, target):
        """A target that there is, and of whose scripts a test is one, or calls one."""
        recipe = self.recipe(target)
        if recipe is None:
            self.complain(document, line, "no target of the Makefile: make %s" % target)
            return
        if "tests/" in recipe or re.search(r"\b%s\b" % re.escape(target), self.check):
            return
        self.complain(document, line, "no test runs make %s" % target)

    def by(self, document, block, test):
        path = os.path.join(root, test)
        if not os.path.exists(path):
            self.complain(document, block[0], "there is no %s" % test)
            return
        if not self.ran(test):
            self.complain(document, block[0], "nothing runs %s" % test)
        said = read(path)
        for line, text in commands(block):
            words = re.split(r"=" if block[1].startswith("ini") else r"\s+", text)
            if words[0] == "make":
                self.make(document, line, words[1])
            elif os.path.basename(words[0]) not in said:
                self.complain(document, line, "%s does not say %s" % (test, words[0]))

    def fences(self, document, text):
        before = ""
        for block in blocks(text):
            line, info, _, lines = block
            kind, _, rest = info.partition(" ")
            only_make = all(re.match(r"make ", c) for _, c in commands(block))
            if not INFO.match(info) and not (info in ("", "sh") and only_make):
                self.complain(document, line, "what is this block? ```%s" % info)
            elif kind == "output" and before != "sh":
                self.complain(document, line, "output of what?")
            elif rest.startswith("by "):
                self.by(document, block, rest[3:])
            elif only_make and kind in ("", "sh"):
                for n, c in commands(block):
                    self.make(document, n, re.split(r"\s+", c)[1])
            before = info

    def spans(self, text):
        """(line, text) of commands and of what is in backticks."""
        found = [(n, c) for b in blocks(text) if b[1].startswith("sh") or not b[1]
                 for n, c in commands(b)]
        bare = re.sub(r"^ {0,3}```.*?^ {0,3}```", lambda m: "\n" * m.group().count("\n"), text,
                      flags=re.M | re.S)
        for m in re.finditer(r"`([^`\n]+(?:\n[^`\n]+)?)`", bare):
            found.append((bare.count("\n", 0, m.start()) + 1, m.group(1).replace("\n", " ")))
        return found

    def paths(self, document, text):
        folders = r"(?:tests|daemon|kmod|docs|include|deploy|debian|scripts|man|systemd|completion)"
        for m in re.finditer(r"(?<![\w/.-])((?:\.\./)?%s/[\w./-]*\w)" % folders, text):
            name = re.sub(r"^\.\./", "", m.group(1))
            if not os.path.exists(os.path.join(root, name)) and "*" not in text[m.end():][:2]:
                self.complain(document, text.count("\n", 0, m.start()) + 1, "no file: %s" % name)
        for m in re.finditer(r"(?<![\w/.\\*-])(\w+\.(?:[chS]|sh|bash|py))\b(?![/*])", text):
            if m.group(1) not in self.names | {"name.sh"}:
                self.complain(document, text.count("\n", 0, m.start()) + 1,
                              "no file of this name: %s" % m.group(1))

    def verb(self, name):
        if name not in self.help:
            self.help[name] = subprocess.run([self.svcctl, "help", name], text=True,
                                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return self.help[name]

    def tool(self, document, line, text):
        whole = text.replace("\\\n", " ")
        for m in re.finditer(r"(?:^|[|;&(] ?)svcctl (?!help)([a-z]+)([^|;&>`]*)", whole):
            said = self.verb(m.group(1))
            if said.returncode:
                self.complain(document, line, "no verb of svcctl: %s" % m.group(1))
                continue
            for option in re.findall(r"(?<=\s)--?[a-zA-Z][\w-]*", m.group(2)):
                if not re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(option), said.stdout):
                    self.complain(document, line, "svcctl %s has no %s" % (m.group(1), option))

    def targets(self, document, line, text):
        words = r"^make ((?:[a-z][a-z-]*|\w+=\S*)(?: (?:[a-z][a-z-]*|\w+=\S+))*)"
        for m in re.finditer(words, re.sub(r'"[^"]*"', "", text)):
            for word in m.group(1).split(" "):
                if "=" not in word and self.recipe(word) is None:
                    self.complain(document, line, "no target of the Makefile: %s" % word)

    def document(self, path):
        text = read(path)
        self.fences(path, text)
        self.paths(path, text)
        for line, span in self.spans(text):
            self.targets(path, line, span)
            self.tool(path, line, span)


def main(args):
    if args[:1] == ["unpack"] and len(args) == 3:
        unpack(args[1], args[2])
        return 0
    if args[:1] == ["same"] and len(args) == 3:
        return 0 if same(read(args[1]), read(args[2])) else 1
    if args[:1] == ["check"] and len(args) > 1:
        svcctl = os.path.join(root, "build/bin/svcctl")
        if args[1] == "-s":
            svcctl = args[2]
            del args[1:3]
        checker = Checker(svcctl)
        for document in args[1:]:
            checker.document(document)
        print("\n".join(checker.bad))
        return 1 if checker.bad else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
