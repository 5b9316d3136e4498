package web

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
)

// broken holds a text for every problem that the samples of core/config do not have.
var broken = []string{
	"{/ 1}", "{/* x", "{\"a\": }", "{a: word}", "{\"a\": 1,, }", `{\u0021: 1}`, `{"a" 1}`, `{"a": 1 "b"}`, `{"a": [1 2]}`, `{"a": "x`, "{\"a\": \"x\n\"}",
	`{"a": "\9"}`, `{"a": "\01"}`, `{"a": "\uxyz"}`, `{"a": 1x}`, `{"a": ` + strings.Repeat("1", 300) + `}`, `{} {}`,
	"\xff\xfe{\x00", "\xfe\xff\x00{",
	strings.Repeat(" ", 5<<20), strings.Repeat("[", 100), `{"a": [` + strings.Repeat("1,", 200_001) + `]}`,
	`{"mcpEndpoint": [` + strings.Repeat("5,", 200) + `]}`,
	`{"connectionOptions": {"failedRetryInterval": 5, "reconnectBackoffMultiplier": 0.5}}`,
	`{"connection": {"autoReconnect": false}}`,
	`{"mcpEndpoint": ["wss://a.example/?token=x", "wss://a.example/?token=x", "<paste>", "wss://a b/", "x://y", "wss://` + strings.Repeat("a", 20_000) + `"]}`,
	`{"mcpServers": {"a": {"command": "x", "url": "http://b", "tools": ["t"], "prefix": "!", "env": {"A=": "b"}, "headers": {"c:": "d"}, "comand": "z"}}}`,
	`{"mcpServers": {"a": {"command": "x", "tools": {"t": 5}}, "a": {"command": "y"}}}`,
	`{"a": {"command": "x"}}`, `{"mcpServers": {"a": null, "b": []}, "port": null, "logLevel": []}`,
}

// everyProblem returns the problems and warnings of all samples, one for each code
// and reason, the arguments of wrong types included.
func everyProblem(t *testing.T) map[string]config.Problem {
	t.Helper()
	texts := slices.Clone(broken)
	for _, dir := range []string{"bad", "good"} {
		files, err := filepath.Glob(filepath.Join("..", "core", "config", "testdata", dir, "*.json*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no samples in %s: %v", dir, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
	}
	all := map[string]config.Problem{}
	add := func(list []config.Problem) {
		for _, p := range list {
			name := p.Code
			if reason, ok := p.Args["reason"]; ok {
				name += fmt.Sprintf(".%v", reason)
			} else if p.Code == config.CodeType {
				name += fmt.Sprintf(" %v %v", p.Args["want"], p.Args["have"])
			}
			all[name] = p
		}
	}
	problems := func(err error) []config.Problem {
		var list *config.ProblemsError
		if errors.As(err, &list) {
			return list.Problems
		}
		return nil
	}
	for _, text := range texts {
		c, err := config.Parse([]byte(text), func(string) (string, bool) { return "", false })
		if c != nil {
			add(c.Warnings)
		}
		add(problems(err))
	}
	// A list of warnings is only returned without problems.
	for _, text := range []string{
		`{"mcpEndpoint": ["wss://a.example/?token=x", "wss://a.example/?token=x", "<paste>"]}`,
		`{"mcpServers": {"a": {"command": "x", "url": "http://b", "tools": ["t"], "comand": "z"}, "a": {"command": "y"}}}`,
		`{"connection": {"autoReconnect": false}}`, `{"mcpServers": {"a": {"command": "x", "url": "http://b", "tools": ["t"], "comand": "z"}}}`,
	} {
		c, err := config.Parse([]byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		add(c.Warnings)
	}
	_, err := config.ImportServers([]byte("{}"))
	add(problems(err))
	// Nothing is known to get past the grammar of the rewriter.
	add([]config.Problem{{Code: config.CodeSyntax, Args: map[string]any{"reason": "other"},
		Message: "the file is not valid JSON; check its brackets, commas and quotes"}})
	return all
}

func chinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// TestEveryProblemInBothLanguages holds the sentences against the English of core/config.
func TestEveryProblemInBothLanguages(t *testing.T) {
	all := everyProblem(t)
	en, zh := assets.Words("en"), assets.Words("zh")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		if got := problemSentence(en, p); got != p.Message {
			t.Errorf("%s in English:\n got %s\nwant %s", name, got, p.Message)
		}
		got := problemSentence(zh, p)
		if got == p.Message || !chinese(got) || strings.Contains(got, "<no value>") || strings.Contains(got, "problem.") {
			t.Errorf("%s in Chinese: %s", name, got)
		}
	}
	for _, code := range codes(t, "problem.go") {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(name string) bool { return regexp.MustCompile(`^` + code + `\b`).MatchString(name) }) {
			t.Errorf("no sample has the code %s", code)
		}
	}
	for reason := range reasons(t) {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(all)), func(name string) bool { return strings.HasSuffix(name, "."+reason) }) {
			t.Errorf("no sample has the reason %s", reason)
		}
	}
}

var (
	codeLine    = regexp.MustCompile(`(?m)^\t(?:Code|File|Folder)\w+ += "([a-z-]+)"`)
	reasonPlace = []*regexp.Regexp{
		regexp.MustCompile(`"reason": +"(\w[\w-]*\w)"`),
		regexp.MustCompile(`\.fail(?:Seen|As)?\([^"\n]*, "([\w-]+)",`),
		regexp.MustCompile(`because\("([\w-]+)"\)`),
		regexp.MustCompile(`reason :?= .*"(\w[\w-]*\w)"$`),
	}
)

// codes returns the codes that a source file of core/config defines.
func codes(t *testing.T, file string) []string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "core", "config", file))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range codeLine.FindAllSubmatch(source, -1) {
		list = append(list, string(m[1]))
	}
	if len(list) < 5 {
		t.Fatalf("%s defines only %q", file, list)
	}
	return list
}

// reasons returns the reasons of problems that stand in the sources of core/config.
func reasons(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "core", "config", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "file.go" {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			for _, place := range reasonPlace {
				if m := place.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
					found[m[1]] = true
				}
			}
		}
	}
	if len(found) < 40 {
		t.Fatalf("the sources have only the reasons %v", found)
	}
	return found
}

func TestProblemLine(t *testing.T) {
	p := config.Problem{Code: config.CodeRange, Key: "port", Value: "70000", Line: 3, Column: 9,
		Args: map[string]any{"reason": "whole", "min": 1.0, "max": 65535.0}, Message: "this must be a whole number from 1 to 65535"}
	for lang, want := range map[string]string{"en": p.String(), "zh": "第 3 行，第 9 列：port = 70000：应为 1 到 65535 之间的整数"} {
		if got := ProblemLine(assets.Words(lang), p); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	p.Code, p.Value, p.Line = "new-code", "", 0
	if got := ProblemLine(assets.Words("zh"), p); got != "port："+p.Message {
		t.Errorf("an unknown code comes as %s", got)
	}
}

func TestEveryFileErrorInBothLanguages(t *testing.T) {
	system := &fs.PathError{Op: "open", Path: "/x", Err: errors.New("disk on fire")}
	tested := map[string]bool{}
	for _, e := range []config.FileError{
		{Code: config.FileMissing}, {Code: config.FolderMissing},
		{Code: config.FileOdd, Reason: "folder"}, {Code: config.FileOdd, Reason: "special"},
		{Code: config.FileDenied, Reason: "read"}, {Code: config.FileDenied, Reason: "write"},
		{Code: config.FileDenied, Reason: "owner"}, {Code: config.FileFailed, Reason: "full"},
		{Code: config.FileFailed, Reason: "read"}, {Code: config.FileFailed, Reason: "write"},
		{Code: config.FileFailed, Reason: "exists"}, {Code: config.FileFailed, Reason: "path"},
	} {
		e.Path, e.Err, e.Message = "/x", system, "unknown"
		tested[e.Code] = true
		for _, lang := range assets.Languages() {
			got := ErrorText(assets.Words(lang), fmt.Errorf("save: %w", &e))
			failed := e.Code == config.FileFailed && (e.Reason == "read" || e.Reason == "write")
			if chinese(got) != (lang == "zh") || strings.Contains(got, e.Message) || failed != strings.Contains(got, "disk on fire") || !strings.HasPrefix(got, "/x") {
				t.Errorf("%s %s %s: %s", lang, e.Code, e.Reason, got)
			}
		}
	}
	_, folder := config.ReadFile(t.TempDir())
	_, missing := config.ReadFile(filepath.Join(t.TempDir(), "none"))
	for _, err := range []error{folder, missing} {
		if got := ErrorText(assets.Words("en"), err); got != err.Error() {
			t.Errorf("got %s, want %s", got, err)
		}
	}
	for _, code := range codes(t, "file.go") {
		if !tested[code] {
			t.Errorf("the code %s is not tested", code)
		}
	}
	for _, err := range []error{&config.ConflictError{Path: "/x"}, fmt.Errorf("save /x: %w", config.ErrBroken)} {
		if en, zh := ErrorText(assets.Words("en"), err), ErrorText(assets.Words("zh"), err); chinese(en) || !chinese(zh) {
			t.Errorf("%v: %s, %s", err, en, zh)
		}
	}
	if got := ErrorText(assets.Words("zh"), errors.New("odd")); got != "odd" {
		t.Errorf("got %s", got)
	}
}
