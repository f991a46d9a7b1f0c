// Command bare is the smallest cobra program with a version command: what
// `gpc version` is measured against.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "bare"}
	root.AddCommand(&cobra.Command{Use: "version", Run: func(*cobra.Command, []string) { fmt.Println("bare 1.0.0") }})
	if root.Execute() != nil {
		os.Exit(1)
	}
}
