package hub

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// Bounds of Options.MaxResultBytes.
const (
	// DefaultMaxResultBytes is what official servers documented in 2025.
	DefaultMaxResultBytes = 8192
	leastResultBytes      = 512
	mostResultBytes       = 8 << 20
	longestError          = 200
)

// spoken is a tool's answer in words.
type spoken struct {
	text    string
	isError bool
}

// shape returns result, the raw result of a tools/call, as it is sent: see the
// package comment, and reports whether it is an error. It never fails: what is not
// understood is passed on as text.
func shape(result []byte, limit int, words *Words) (shaped []byte, isError bool) {
	if len(result) <= limit && plainResult(result) {
		return result, false
	}
	s := readResult(result, words)
	return s.encode(limit, words), s.isError
}

// readResult puts a raw result into words.
func readResult(result []byte, words *Words) spoken {
	var s spoken
	var content, structured []byte
	err := rpc.Members(result, func(name, value []byte) error {
		switch string(name) {
		case "content":
			content = value
		case "structuredContent":
			structured = value
		case "isError":
			s.isError = string(value) == "true"
		}
		return nil
	})
	if err != nil {
		// Not an object: an answer outside the protocol, but an answer.
		if plain, ok := session.Text(result); ok {
			s.text = plain
		} else if !bytes.Equal(result, []byte("null")) {
			s.text = string(result)
		}
		return s
	}
	var parts, others []string
	worded := false
	if len(content) > 0 && content[0] == '[' {
		_ = session.Elements(content, func(item []byte) error {
			part, isText := readItem(item, words)
			worded = worded || isText
			if part != "" {
				parts = append(parts, part)
			}
			return nil
		})
	} else if plain, ok := session.Text(content); ok {
		parts, worded = append(parts, plain), true
	}
	if !worded && len(structured) > 0 && string(structured) != "null" {
		others = append(others, string(structured))
	}
	s.text = strings.Join(append(others, parts...), "\n")
	return s
}

// readItem puts one content item into words. IsText is false for an item that is
// only named.
func readItem(item []byte, words *Words) (part string, isText bool) {
	var kind, plain, mime, name, uri string
	var data, resource []byte
	hasText := false
	if rpc.Members(item, func(n, value []byte) error {
		switch string(n) {
		case "type":
			kind, _ = session.Text(value)
		case "text":
			plain, hasText = session.Text(value)
		case "mimeType":
			mime, _ = session.Text(value)
		case "data":
			data = value
		case "name":
			name, _ = session.Text(value)
		case "uri":
			uri, _ = session.Text(value)
		case "resource":
			resource = value
		}
		return nil
	}) != nil {
		s, ok := session.Text(item)
		return s, ok
	}
	switch kind {
	case "text":
		return plain, hasText
	case "image":
		return fill(words.Image, "type", brief(mime, "image"), "size", dataSize(data)), false
	case "audio":
		return fill(words.Audio, "type", brief(mime, "audio"), "size", dataSize(data)), false
	case "resource":
		return readResource(resource, words)
	case "resource_link":
		if name == "" {
			name = uri
		}
		return fill(words.Link, "name", brief(name, "?")), false
	}
	if hasText {
		return plain, true
	}
	return fill(words.Unknown, "type", brief(kind, "?")), false
}

func readResource(resource []byte, words *Words) (part string, isText bool) {
	var plain, mime, uri string
	var blob []byte
	hasText := false
	_ = rpc.Members(resource, func(n, value []byte) error {
		switch string(n) {
		case "text":
			plain, hasText = session.Text(value)
		case "mimeType":
			mime, _ = session.Text(value)
		case "uri":
			uri, _ = session.Text(value)
		case "blob":
			blob = value
		}
		return nil
	})
	if hasText {
		return plain, true
	}
	return fill(words.File, "name", brief(uri, "?"), "type", brief(mime, "?"), "size", dataSize(blob)), false
}

// brief bounds a name that a server chose.
func brief(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return session.Cut(s, 100)
}

// dataSize says how large the data in a raw base64 string is.
func dataSize(raw []byte) string {
	n := max(base64.StdEncoding.DecodedLen(max(len(raw)-2, 0)), 0)
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// encode returns s as the raw result of a tools/call in at most limit bytes.
func (s spoken) encode(limit int, words *Words) []byte {
	if strings.TrimSpace(s.text) == "" {
		s.text = words.Empty
		if s.isError {
			s.text = words.Failed
		}
	}
	if looksLikeCommand(s.text) {
		s.text = words.Result + s.text
	}
	var dst []byte
	if s.isError {
		short, _, _ := strings.Cut(strings.TrimSpace(s.text), "\n")
		dst = append(dst, `{"isError":true,"error":`...)
		dst = rpc.AppendString(dst, fit(session.Cut(short, longestError), limit/3, "…"))
		dst = append(dst, `,"content":[{"type":"text","text":`...)
	} else {
		dst = append(dst, `{"content":[{"type":"text","text":`...)
	}
	const tail = `}]}`
	room := limit - len(dst) - len(tail)
	dst = rpc.AppendString(dst, fit(s.text, room, words.Cut))
	return append(dst, tail...)
}

// fit cuts s so that, as a JSON string with its quotes, it takes at most room
// bytes; what was cut ends in note.
func fit(s string, room int, note string) string {
	room -= 2
	if len(s) <= room/6 {
		return s // even if every byte were escaped
	}
	noteSize, _ := jsonSize(note, 1<<30)
	if _, all := jsonSize(s, room); all == len(s) {
		return s
	}
	if noteSize > room {
		note, noteSize = "", 0
	}
	_, n := jsonSize(s, room-noteSize)
	return s[:n] + note
}

// jsonSize returns how many bytes of s fit into room once escaped, and the
// escaped size of them. It counts as rpc.AppendString escapes.
func jsonSize(s string, room int) (size, n int) {
	for i, r := range s {
		width := 0
		switch {
		case r == '"', r == '\\', r == '\b', r == '\f', r == '\n', r == '\r', r == '\t':
			width = 2
		case r < 0x20:
			width = 6
		case r < 0x80:
			width = 1
		case r < 0x800:
			width = 2
		case r < 0x10000: // U+FFFD for an invalid byte among them
			width = 3
		default:
			width = 4
		}
		if size+width > room {
			return size, i
		}
		size += width
	}
	return size, len(s)
}

// looksLikeCommand reports a text that esp32-server would act on instead of
// reading it out: JSON with an "action" member.
func looksLikeCommand(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "{") && session.Member([]byte(s), "action") != nil
}
