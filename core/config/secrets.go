package config

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"

	"xiaozhi-switchboard/core/secret"
)

// Secrets returns what is, or may be, a credential in c: the access key, values in addresses,
// headers, the environments of programs, and arguments that look like one. The values of
// references such as ${NAME} are among them. It is meant for secret.NewKnown, and takes
// too much for a credential rather than too little.
func (c *Config) Secrets() []string {
	var all []string
	if c.AccessKey != "" {
		all = append(all, c.AccessKey.Reveal())
	}
	for _, e := range c.Endpoints {
		all = append(all, addressSecrets(e.URL.Reveal())...)
	}
	for _, s := range c.Servers {
		all = append(all, addressSecrets(s.URL.Reveal())...)
		all = append(all, argumentSecrets(append([]string{s.Command}, s.Args...))...)
		for _, value := range s.Headers {
			all = append(all, value)
			if _, credential, ok := strings.Cut(strings.TrimSpace(value), " "); ok { // after Bearer and such
				all = append(all, credential)
			}
		}
		for name, value := range s.Env {
			if confidential.MatchString(name) || !ordinary(value) {
				all = append(all, value)
			}
			all = append(all, addressSecrets(value)...)
		}
	}
	return all
}

var (
	// confidential finds the names of variables that hold a credential.
	confidential = regexp.MustCompile(`(?i)key|token|secret|pass|auth|cookie|credential|pwd`)
	// plainWords are values that tell nothing: words, folders, numbers of a few digits.
	plainWords = regexp.MustCompile(`^([A-Za-z]+([-_. ][A-Za-z]+)*|[./~%$].*|[A-Za-z]:\\.*|[0-9.:]{1,15})$`)
)

// ordinary reports whether the value of a variable is of the kind that every program is told.
func ordinary(value string) bool {
	return plainWords.MatchString(value) && !longRuns.MatchString(value) || isPath(value)
}

// isPath reports whether a value is one folder or file, or a list of them.
func isPath(value string) bool {
	return strings.HasPrefix(value, "/") && strings.Count(value, "/") > 1 && !strings.ContainsAny(value, "=+")
}

// addressSecrets are the credentials in an address; none if it is no address.
func addressSecrets(address string) []string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		if scheme, rest, ok := strings.Cut(address, "://"); ok && scheme != "" {
			return []string{rest} // masked as a whole wherever it is shown
		}
		return nil
	}
	var all []string
	if u.User != nil {
		all = append(all, u.User.Username())
		if password, ok := u.User.Password(); ok {
			all = append(all, password)
		}
	}
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if strings.Contains(secret.MaskURL("https://host/"+segment), secret.Hidden) {
			all = append(all, segment)
		}
	}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, valued := strings.Cut(pair, "=")
		if !valued {
			value = name
		}
		all = append(all, value)
	}
	return append(all, u.Fragment)
}

// argumentSecrets are the credentials among a command and its arguments.
func argumentSecrets(args []string) []string {
	var all []string
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case joined && confidential.MatchString(name):
			all = append(all, value)
		case i > 0 && strings.HasPrefix(args[i-1], "-") && confidential.MatchString(args[i-1]) && !strings.HasPrefix(arg, "-"):
			all = append(all, arg)
		}
		for _, run := range longRuns.FindAllString(arg, -1) {
			if strings.ContainsAny(run, "0123456789") && !strings.ContainsAny(run, "/.") {
				all = append(all, run)
			}
		}
		if joined {
			all = append(all, addressSecrets(value)...)
		}
		all = append(all, addressSecrets(arg)...)
	}
	return all
}

// Bare returns the text of a file for others to read: without comments, which may say
// anything, and with the credentials hidden as Hide does. The error is a *ProblemsError
// when the text cannot be read; then nobody can tell what is a comment.
func Bare(text []byte) ([]byte, error) {
	doc, problem := readDocument(text)
	if problem != nil {
		return nil, &ProblemsError{Problems: []Problem{*problem}}
	}
	doc.root.Minimize()
	bare, err := hujson.Format(doc.root.Pack())
	if err != nil {
		return nil, &ProblemsError{Problems: []Problem{{Code: CodeSyntax, Args: map[string]any{"reason": "other"}, Message: "the file is not valid JSON; check its brackets, commas and quotes"}}}
	}
	shown, _ := Hide(bare)
	return shown, nil
}
