package main

import (
	"fmt"
	"strings"
)

// exitCode is the status that the command ends with.
type exitCode int

// The codes that this version returns.
const (
	exitFine        exitCode = 0
	exitFailed      exitCode = 1
	exitUsage       exitCode = 2
	exitChanged     exitCode = 3
	exitDeploy      exitCode = 4
	exitLedger      exitCode = 5
	exitInterrupted exitCode = 130
)

// exitCodes is the one table of what each code stands for; docs/exit-codes.md has the same, and a test holds them
// together.
func exitCodes() []struct {
	Code    exitCode
	Meaning string
} {
	return []struct {
		Code    exitCode
		Meaning string
	}{
		{exitFine, "fine"},
		{exitFailed, "failed"},
		{exitUsage, "wrong usage"},
		{exitChanged, "something changed, with --exit-code"},
		{exitDeploy, "some services failed to deploy"},
		{exitLedger, "the ledger moved or is locked"},
		{exitInterrupted, "interrupted"},
	}
}

// withExitCodes ends a command's description with the codes that it returns.
func withExitCodes(long string, codes ...exitCode) string {
	codes = append([]exitCode{exitFine, exitFailed, exitUsage}, append(codes, exitInterrupted)...)
	var b strings.Builder
	b.WriteString(strings.TrimSpace(long))
	b.WriteString("\n\nExit codes:\n")
	for _, row := range exitCodes() {
		for _, c := range codes {
			if c == row.Code {
				fmt.Fprintf(&b, "  %-4d %s\n", row.Code, row.Meaning)
			}
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// statusError ends the command with a code and without a word: what there is to say was said.
type statusError exitCode

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
