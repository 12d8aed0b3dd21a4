package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
)

// shipped tells whether the function's code is what came with deckhand, to the byte: AWS answers the hash of the archive that it was given.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html (CodeSha256)
func (f called) shipped() bool {
	sum := sha256.Sum256(f.code.Zip)
	return f.own && f.source != "" && f.function.CodeSHA256 == base64.StdEncoding.EncodeToString(sum[:])
}

func (f called) sourceFile() string { return f.function.Name + ".index.py" }

// codeAttrs say where the code is, and what Terraform is to leave as it is: it reads no place of code back, and would load it anew.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
func (f called) codeAttrs() (all []attr, ignored []string) {
	label := plain(f.function.Name)
	archive := func(what string) attr { // it need not be there before
		return attr{"filename", "", bare(`"${path.module}/` + f.function.Name + `.zip" # ` + what + ", once the code is to change")}
	}
	switch {
	case f.function.ImageURI != "":
		image := cmp.Or(f.function.ImageGiven, f.function.ImageURI) // Terraform reads back what was given
		return []attr{{"package_type", "PackageType", "Image"}, {"image_uri", "", image}, {"", "Code", nested{{"", "ImageUri", image}}}}, nil
	case f.shipped():
		return []attr{archive(f.sourceFile() + " as index.py"), {"", "Code", nested{{"", "ZipFile", f.source}}}}, []string{"filename"}
	case f.code.S3Bucket != "":
		c := f.code
		return []attr{
			{"s3_bucket", "", c.S3Bucket}, {"s3_key", "", c.S3Key}, {"s3_object_version", "", c.S3ObjectVer},
			{"", "Code", nested{{"", "S3Bucket", c.S3Bucket}, {"", "S3Key", c.S3Key}, {"", "S3ObjectVersion", c.S3ObjectVer}}},
		}, []string{"s3_bucket", "s3_key", "s3_object_version"}
	}
	bucket := given{label + "_code_bucket", "the bucket that holds the deployment package of " + f.function.Name, false}
	key := given{label + "_code_key", "the key of the deployment package of " + f.function.Name + " in its bucket", false}
	return []attr{archive("the deployment package"), {"", "Code", nested{{"", "S3Bucket", bucket}, {"", "S3Key", key}}}}, []string{"filename"}
}

// codeNote tells how true that is.
func (f called) codeNote() string {
	name := f.function.Name
	switch {
	case f.function.ImageURI != "":
		return ""
	case f.shipped():
		return "The code of " + name + " came with its request, from no place in S3: it is written as the one file index.py that it is. The import needs no archive and leaves the code as it is."
	case f.code.S3Bucket != "":
		return "The code of " + name + " is written as its request took it, from s3://" + f.code.S3Bucket + "/" + f.code.S3Key + ": AWS does not tell the place, so look whether it was updated since. The import leaves the code as it is."
	case f.source != "":
		return "The code of " + name + " came with deckhand, and is not what comes with it now: it stays what it is when the function is imported. A template wants to be told where it lies."
	}
	return "The code of " + name + " is not read: it stays what it is when the function is imported. A template wants to be told where it lies."
}
