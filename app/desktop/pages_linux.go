package desktop

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// DropProgram hands the pages of the program's own file back to the system, which keeps
// them in its cache: a start touches nearly all of them, and what runs afterwards few.
// Those that are needed again come back from there by themselves. Other systems than
// Linux see to that without being asked.
func DropProgram() error { return adviseProgram(unix.MADV_DONTNEED) }

// adviseProgram tells the system what to do with the mappings of the program's file.
func adviseProgram(advice uintptr) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := os.Open("/proc/self/smaps") // proc(5)
	if err != nil {
		return err
	}
	defer f.Close()
	var start, end uintptr // of the mapping that lines are about; none of ours when both are 0
	for lines := bufio.NewScanner(f); ; {
		if !lines.Scan() {
			return lines.Err()
		}
		line := lines.Text()
		var from, to uintptr
		var rights string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); n == 3 {
			start, end = 0, 0
			if !strings.Contains(rights, "w") && strings.HasSuffix(line, " "+program) {
				start, end = from, to
			}
			continue
		}
		// Pages that were written to, as a loader does, are not of the file any more.
		if fields := strings.Fields(line); end == 0 || len(fields) < 2 || fields[0] != "Anonymous:" || fields[1] != "0" {
			continue
		}
		if _, _, no := unix.Syscall(unix.SYS_MADVISE, start, end-start, advice); no != 0 {
			return fmt.Errorf("advise on pages of the program: %w", no)
		}
	}
}
