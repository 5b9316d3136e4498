package web

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"xiaozhi-switchboard/assets"
)

// readArguments reads the arguments of a tool as somebody typed them; nothing is an
// object without members. Wrong says what is the matter with them; empty when nothing is.
func readArguments(words *assets.Translator, typed string) (arguments []byte, wrong string) {
	text := strings.TrimSpace(strings.TrimPrefix(typed, "\ufeff"))
	switch {
	case text == "":
		return []byte("{}"), ""
	case len(text) > longestPosted || depthOf([]byte(text)) > deepestValue:
		return nil, words.Say("try.wrong.json")
	}
	var value json.RawMessage
	decoder := json.NewDecoder(strings.NewReader(text))
	err := decoder.Decode(&value)
	offset := decoder.InputOffset()
	if err == nil {
		if _, err = decoder.Token(); err == io.EOF {
			err = nil
		} else if err == nil {
			err = errors.New("more than one value")
		}
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(text)) + 1
	}
	if err != nil {
		line, column := placeOf(text, int(offset))
		return nil, words.Say("try.wrong.syntax", "line", strconv.Itoa(line), "column", strconv.Itoa(column))
	}
	if value[0] != '{' {
		return nil, words.Say("try.wrong.object")
	}
	return value, ""
}

// placeOf is the line and column, from 1, of the character before which n bytes of s lie.
func placeOf(s string, n int) (line, column int) {
	before := s[:min(max(n-1, 0), len(s))]
	line = strings.Count(before, "\n") + 1
	return line, len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
}

// missingArguments are the required members of a schema that arguments lack.
func missingArguments(schema, arguments []byte) (missing []string) {
	var has map[string]json.RawMessage
	if json.Unmarshal(arguments, &has) != nil {
		return nil
	}
	for _, name := range schemaOf(schema).Required {
		if _, there := has[name]; !there {
			missing = append(missing, name)
		}
	}
	return missing
}
