//! Tests of the AST reader: small documents, and the models AWS publishes where they are present.
