package aws

// BucketTrigger is a notification of an S3 bucket that invokes a function.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_LambdaFunctionConfiguration.html
type BucketTrigger struct {
	ID             string // unique within the bucket
	Bucket         string
	FunctionARN    string
	Events         []string // "s3:ObjectCreated:*"
	Prefix, Suffix string   // of the objects' keys; "" for all
}

// BucketCall is a call of S3 about a bucket's notifications, and its answer: the configuration as S3 writes it.
type BucketCall struct {
	Bucket string
	XML    []byte // empty in a question
}

// Subscription is one of a topic of SNS that invokes a function.
type Subscription struct {
	ARN, TopicARN, FunctionARN string
	Filter                     string // the policy that says which messages, as JSON; "" for all
}

// TableStream is the stream of a DynamoDB table.
type TableStream struct {
	ARN  string // "" where it is off
	View string // what a record shows: NEW_AND_OLD_IMAGES, NEW_IMAGE, OLD_IMAGE or KEYS_ONLY
}
