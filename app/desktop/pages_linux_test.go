package desktop

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// residentFile is how much of files this process holds, in KiB.
func residentFile(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "RssFile:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDropProgram(t *testing.T) {
	if err := adviseProgram(unix.MADV_POPULATE_READ); errors.Is(err, unix.EINVAL) {
		t.Skip("this kernel cannot be asked for all pages")
	} else if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	before := residentFile(t)
	if err := DropProgram(); err != nil {
		t.Fatal(err)
	}
	if after := residentFile(t); before-after < int(info.Size()>>10)/8 {
		t.Errorf("%d KiB of %d are resident, and before %d", after, info.Size()>>10, before)
	}
}
