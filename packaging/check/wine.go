package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// wineTime is how long wine may take to make itself a home, or for one command.
const wineTime = 3 * time.Minute

// wine runs commands of the Windows program, where there is wine. It is no part of what
// CI must have: it stands in for Windows badly.
func (s *suite) wine() error {
	if _, err := exec.LookPath("wine"); err != nil {
		return optional("wine is not installed")
	}
	exe, err := s.unpackedExe()
	if err != nil {
		return err
	}
	home, err := s.folder("wine")
	if err != nil {
		return err
	}
	env := append(os.Environ(), "WINEPREFIX="+filepath.Join(home, "prefix"), "WINEDEBUG=-all", "DISPLAY=", "LC_ALL=C.UTF-8")
	if _, err := wined(env, "wineboot", "--init"); err != nil {
		return optional("wine does not start here: " + err.Error())
	}
	defer wined(env, "wineboot", "--kill")
	library := filepath.Join(home, "prefix/drive_c/windows/system32/bcryptprimitives.dll")
	if _, err := os.Stat(library); errors.Is(err, os.ErrNotExist) { // wine before 9 lacks it
		if err := os.WriteFile(library, forwarder("bcryptprimitives.dll", "ProcessPrng", "advapi32.SystemFunction036"), 0o644); err != nil {
			return err
		}
	}
	bad := filepath.Join(home, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"port": 70000}`), 0o644); err != nil {
		return err
	}
	version, err := s.version()
	if err != nil {
		return err
	}
	// As after a click: Windows itself says which language to speak.
	clicked := append(slices.Clone(env), "LC_ALL=", "LC_MESSAGES=", "LANG=")
	for _, c := range []struct {
		env  []string
		args []string
		code int
		want string
	}{
		{env, []string{"version"}, 0, program + " " + version},
		{env, []string{"config", "check", bad}, 4, "from 1 to 65535"},
		{env, []string{"status"}, 5, "is not running"},
		{clicked, []string{"status"}, 5, "is not running"},
		{env, []string{"completion", "powershell"}, 0, "Register-ArgumentCompleter"},
	} {
		said, err := wined(c.env, append([]string{exe}, c.args...)...)
		code := 0
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
			code = failed.ExitCode()
		} else if err != nil {
			return err
		}
		if code != c.code || !strings.Contains(said, c.want) {
			return fmt.Errorf("%q ends with %d, not %d with %q: %s", c.args, code, c.code, c.want, said)
		}
	}
	return nil
}

func wined(env []string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), wineTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wine", args...)
	cmd.Env = env
	var out bytes.Buffer // of the services that stay, too: nobody waits for them
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return out.String(), err
}

// forwarder is a library for Windows with one function, which is that of another one:
// headers, and a section that holds the table of exports
// (https://learn.microsoft.com/windows/win32/debug/pe-format).
func forwarder(name, function, to string) []byte {
	const base, align = 0x1000, 0x200
	var table, text bytes.Buffer
	place := func(s string) uint32 { // of a text after the table
		at := base + 52 + text.Len()
		text.WriteString(s + "\x00")
		return uint32(at)
	}
	put := func(b *bytes.Buffer, values ...any) {
		for _, v := range values {
			binary.Write(b, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	named, exported, target := place(name), place(function), place(to)
	put(&table, [3]uint32{}, named, [3]uint32{1, 1, 1}, [3]uint32{base + 40, base + 44, base + 48}, target, exported, uint32(0))
	table.Write(text.Bytes())

	var b bytes.Buffer
	put(&b, [2]byte{'M', 'Z'}, [58]byte{}, uint32(64), [4]byte{'P', 'E'})
	put(&b, [2]uint16{0x8664, 1}, [3]uint32{}, [2]uint16{240, 0x2022}) // x86-64, one section; a library
	put(&b, uint16(0x20b), [2]uint8{1, 0}, [5]uint32{0, align})
	put(&b, uint64(0x180000000), [2]uint32{base, align}, [6]uint16{6, 0, 0, 0, 6, 0}, [4]uint32{0, 2 * base, align, 0}, [2]uint16{3, 0x100},
		[4]uint64{1 << 20, base, 1 << 20, base}, [2]uint32{0, 16})
	put(&b, [2]uint32{base, uint32(table.Len())}, [30]uint32{})
	put(&b, [8]byte{'.', 'e', 'd', 'a', 't', 'a'}, [4]uint32{uint32(table.Len()), base, align, align}, [3]uint32{}, uint32(0x40000040))
	b.Write(make([]byte, align-b.Len()))
	b.Write(table.Bytes())
	b.Write(make([]byte, 2*align-b.Len()))
	return b.Bytes()
}
