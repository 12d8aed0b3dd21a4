package export

import (
	"strings"
	"testing"

	"deckhand/aws"
)

// shipping is a function whose code came with the request, and is "abc" as an archive.
func shipping() region {
	there := counting()
	there.called.code.Zip, there.called.source = []byte("abc"), "# \"quoted\" ${source}\n"
	there.called.function.CodeSHA256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
	return there
}

func kept() region {
	there := counting()
	there.called.code = aws.FunctionCode{S3Bucket: "packages", S3Key: "counter.zip", S3ObjectVer: "v7"}
	return there
}

func TestCodeOfAFunction(t *testing.T) {
	t.Parallel()
	changed := shipping()
	changed.called.function.CodeSHA256 = "other"
	networked := counting()
	networked.called.function.Subnets, networked.called.function.Groups = []string{"subnet-1"}, []string{"sg-1"}
	for _, c := range []struct {
		there                              region
		terraform, formation, notes, never string
	}{
		{kept(), "s3_bucket = \"packages\"\n  s3_key = \"counter.zip\"\n  s3_object_version = \"v7\"", `"S3ObjectVersion": "v7"`, "took it, from s3://packages/counter.zip", "counter_code_key"},
		{kept(), "ignore_changes = [s3_bucket, s3_key, s3_object_version, environment]", `"S3Bucket": "packages"`, "The import leaves the code as it is", "data \""},
		{shipping(), "filename = \"${path.module}/counter.zip\" # counter.index.py as index.py", `"ZipFile": "# \"quoted\" ${source}\n"`, "the one file index.py", "s3_key"},
		{shipping(), "ignore_changes = [filename, environment]", `"ZipFile"`, "needs no archive", "data \""}, // a second provider would have to be there
		{changed, "counter.zip\" # the deployment package", `"Ref": "ValueCounterCodeKey"`, "is not what comes with it now", "data \""},
		{networked, "vpc_config {\n    subnet_ids = [\"subnet-1\"]\n    security_group_ids = [\"sg-1\"]", `"VpcConfig": {`, "The file systems, snapshots", "data \""},
	} {
		report, err := exportedFrom(t, c.there, "export R-42 --as terraform")
		if err != nil {
			t.Fatal(err)
		}
		whole(t, file(t, report, "r-42.tf"), 6, 0)
		words := loosened(report)
		if !strings.Contains(words, c.terraform) || !strings.Contains(words, c.notes) || strings.Contains(file(t, report, "r-42.tf"), c.never) {
			t.Errorf("%q, %q or not %q in\n%s", c.terraform, c.notes, c.never, words)
		}
		if report, err = exportedFrom(t, c.there, "export R-42 --as cloudformation"); err != nil {
			t.Fatal(err)
		}
		if _, text := formation(t, report, 5); !strings.Contains(text, c.formation) {
			t.Errorf("%s is missing in\n%s", c.formation, text)
		}
	}
	report, err := exportedFrom(t, shipping(), "export R-42 --as terraform")
	if err != nil || file(t, report, "counter.index.py") != "# \"quoted\" ${source}\n" {
		t.Error(err, report)
	}
}
