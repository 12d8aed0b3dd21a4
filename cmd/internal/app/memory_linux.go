package app

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// releaseStartPages gives back the pages of the program's own code and constants that only the start needed. The AWS
// clients build tables of every shape of their services when a program starts, so that two thirds of the
// file are touched once and never again. Pages that are used again come back from the page cache.
//
// Only read-only pages of a program at fixed addresses are given back: they are what the file holds.
func releaseStartPages() error {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	if fixed, err := atFixedAddresses("/proc/self/exe"); err != nil || !fixed {
		return err // relocated pages are not what the file holds
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return err
	}
	defer func() { _ = maps.Close() }()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); err != nil {
			return err
		}
		if !strings.HasSuffix(lines.Text(), program) || rights[1] == 'w' {
			continue
		}
		// The address is the kernel's own word for a mapping of this process.
		if _, _, failed := syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED); failed != 0 {
			return failed
		}
	}
	return nil
}

// atFixedAddresses tells whether an ELF file is loaded just where it says: its type, the 16 bits behind its identification of
// 16 bytes, is ET_EXEC. Package debug/elf brings 0.15 MB of decoders with it.
func atFixedAddresses(name string) (bool, error) {
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	var header [18]byte
	if _, err := io.ReadFull(file, header[:]); err != nil {
		return false, err
	}
	const executable = 2
	return header[16] == executable && header[17] == 0, nil
}
