//! Tests of the botocore reader: small documents and what is made of them.
