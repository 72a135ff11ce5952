module github.com/goto-operator/goto-operator/test/s3

go 1.26.8

require (
	github.com/goto-operator/goto-operator v0.0.0
	github.com/johannesboyne/gofakes3 v1.2.0
)

replace github.com/goto-operator/goto-operator => ../..
