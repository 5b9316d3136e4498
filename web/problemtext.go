package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
)

// problemSentence is a problem as a sentence, without its place. A problem whose code is
// new to us comes in the English of its message.
func problemSentence(words *assets.Translator, p config.Problem) string {
	key := "problem." + p.Code
	if reason, ok := p.Args["reason"].(string); ok {
		key += "." + reason
	}
	args := []any{"open", "${"} // cannot stand before a placeholder in a text
	for name, value := range p.Args {
		args = append(args, name, problemValue(words, p.Code, value))
	}
	if text := words.Say(key, args...); text != key {
		return text
	}
	return p.Message
}

// problemField is a problem as the field that it is about says it. Of a list, it names the
// element.
func problemField(words *assets.Translator, p config.Problem) string {
	text := problemSentence(words, p)
	if strings.HasSuffix(p.Key, "]") && p.Value != "" {
		text = words.Say("problem.in.list", "value", p.Value, "text", text)
	} else {
		text = capital(text)
	}
	return words.Say("problem.in.field", "text", text)
}

// capital starts a text like a sentence.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// problemValue writes what fills a placeholder, numbers as they stand in the file.
func problemValue(words *assets.Translator, code string, value any) string {
	switch v := value.(type) {
	case string:
		if code == config.CodeType {
			return words.Say("problem.shape." + v)
		}
		return v
	case []string:
		if code == config.CodeAddress {
			return strings.Join(v, words.Say("list.or"))
		}
		return strings.Join(v, words.Say("list.comma"))
	}
	number, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(number)
}

// ProblemAtKey is a problem with the key and value that it is about.
func ProblemAtKey(words *assets.Translator, p config.Problem) string {
	text := problemSentence(words, p)
	switch {
	case p.Key != "" && p.Value != "":
		return words.Say("problem.in.value", "key", p.Key, "value", p.Value, "text", text)
	case p.Key != "":
		return words.Say("problem.in.key", "key", p.Key, "text", text)
	}
	return text
}

// ProblemLine is a problem with everything about its place.
func ProblemLine(words *assets.Translator, p config.Problem) string {
	text := ProblemAtKey(words, p)
	if p.Line > 0 {
		return words.Say("problem.in.line", "line", fmt.Sprint(p.Line), "column", fmt.Sprint(p.Column), "text", text)
	}
	return text
}

// FileText says why a file cannot be read or written, without its path.
func FileText(words *assets.Translator, e *config.FileError) string {
	key := "problem." + e.Code
	if e.Reason != "" {
		key += "." + e.Reason
	}
	if text := words.Say(key, "detail", fmt.Sprint(e.Cause())); text != key {
		return text
	}
	return e.Message
}

// ErrorText puts an error into words. What is not of the configuration stays in the
// English of whoever failed.
func ErrorText(words *assets.Translator, err error) string {
	var (
		list     *config.ProblemsError
		file     *config.FileError
		conflict *config.ConflictError
	)
	switch {
	case errors.As(err, &list):
		lines := make([]string, len(list.Problems))
		for i, p := range list.Problems {
			lines[i] = ProblemLine(words, p)
		}
		return strings.Join(lines, "\n")
	case errors.As(err, &file):
		return words.Say("problem.in.file", "path", file.Path, "text", FileText(words, file))
	case errors.As(err, &conflict):
		return words.Say("problem.in.file", "path", conflict.Path, "text", words.Say("problem.conflict"))
	case errors.Is(err, config.ErrBroken):
		return words.Say("problem.broken")
	}
	return err.Error()
}

// keyProblems are those of an error that are about the access key.
func keyProblems(err error) []config.Problem {
	var list *config.ProblemsError
	if !errors.As(err, &list) {
		return nil
	}
	var found []config.Problem
	for _, p := range list.Problems {
		if p.Key == "accessKey" {
			found = append(found, p)
		}
	}
	return found
}
