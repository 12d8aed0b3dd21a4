package vm

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"deckhand/aws"
	"deckhand/commands"
)

// csvOf writes instances as CSV with a heading, times in UTC (RFC 3339). More than a hundred are without health.
func csvOf(some []aws.Instance, seen closer) (string, error) {
	var out strings.Builder
	w := csv.NewWriter(&out)
	rows := [][]string{{
		"Name", "ID", "State", "Type", "Zone", "Private IP", "Public IP", "Launched", "Image", "Key pair", "VPC", "Subnet", "Tags", "USD a month", "Health",
	}}
	for _, i := range some {
		launched := ""
		if !i.LaunchedAt.IsZero() {
			launched = i.LaunchedAt.UTC().Format(time.RFC3339)
		}
		rows = append(rows, []string{
			i.Name, i.ID, string(i.State), i.Type, i.Zone, i.PrivateIP, i.PublicIP, launched, i.ImageID, i.KeyName, i.VPCID, i.SubnetID, commands.TagWords(i.Tags), seen.month(i), seen.health[i.ID],
		})
	}
	for _, row := range rows {
		for n := range row {
			row[n] = harmless(row[n])
		}
		if err := w.Write(row); err != nil {
			return "", fmt.Errorf("write CSV: %w", err)
		}
	}
	w.Flush()
	return out.String(), w.Error()
}

// harmless keeps a spreadsheet from taking a tag that anybody may have written for a formula.
// Source: https://owasp.org/www-community/attacks/CSV_Injection
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}
