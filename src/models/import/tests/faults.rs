//! Broken and foreign input: each a message that names the file and the cure, and nothing lost.

use super::*;

fn fault(files: &Files) -> String {
    let home = TempDir::new().unwrap();
    let source = home.path().join("source");
    fs::create_dir(&source).unwrap();
    write_folder(&source, files);
    let out = home.path().join("out");
    let error = import(&source, &out).unwrap_err().to_string();
    assert!(!out.exists(), "nothing is written");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left behind");
    error.replace(&source.display().to_string(), "SOURCE")
}

fn with(path: &str, bytes: &[u8]) -> Files {
    let mut files = package();
    files.insert(path.to_owned(), bytes.to_vec());
    files
}

#[test]
fn broken_files_are_named() {
    let zoo = "botocore/data/zoo/2021-05-05";
    let table = [
        (
            with(&format!("{zoo}/service-2.json"), b"{\"metadata\": "),
            "botocore/data/zoo/2021-05-05: service-2: not the JSON expected: EOF while parsing a value at line 1 column 13; fetch the package anew and import it again",
        ),
        (
            with(&format!("{zoo}/waiters-2.json"), b"{\"waiters\": 3}"),
            "botocore/data/zoo/2021-05-05: waiters-2, at waiters: an object is expected, not 3; fetch the package anew and import it again",
        ),
        (
            with(&format!("{zoo}/endpoint-rule-set-1.json.gz"), b"this is no gzip"),
            "botocore/data/zoo/2021-05-05/endpoint-rule-set-1.json.gz is damaged (invalid gzip header); download it again",
        ),
        (
            with("botocore/data/partitions.json", b"["),
            "partitions.json is damaged (EOF while parsing a list at line 1 column 1); download it again",
        ),
        (
            Files::from([("m/toy.json".to_owned(), b"{\"smithy\": \"9\"}".to_vec())]),
            "m/toy.json: Smithy AST, at smithy: version 9 of Smithy is not known here; fetch the package anew and import it again",
        ),
        (
            Files::from([("m/toy.json".to_owned(), b"{".to_vec()), ("m/zoo.json".to_owned(), b"[".to_vec())]),
            "m/toy.json: Smithy AST: it is no JSON: EOF while parsing an object at line 1 column 1; fetch the package anew and import it again",
        ),
        (
            Files::from([("a.txt".to_owned(), Vec::new())]),
            "SOURCE holds no AWS models: neither botocore's `data` nor Smithy JSON AST; `pip download --no-deps botocore` fetches them",
        ),
    ];
    for (files, expected) in table {
        assert_eq!(fault(&files), expected);
    }
}

#[test]
fn odd_names_are_shown_and_refused() {
    let mut files = package();
    let document = files["botocore/data/zoo/2021-05-05/service-2.json"].clone();
    files.insert("botocore/data/zoo\u{1b}[2J/2021/service-2.json".to_owned(), document);
    let message = fault(&files);
    assert_eq!(
        message,
        "botocore/data/zoo\\u{1b}[2J/2021: the service's name `zoo\\u{1b}[2J` is not one that can be stored (a-z, 0-9, `-`, `.`); check the source"
    );
}

#[test]
fn a_cut_archive_is_damaged() {
    let home = TempDir::new().unwrap();
    let source = home.path().join("botocore.whl");
    write_zip(&source, &package());
    let whole = fs::read(&source).unwrap();
    fs::write(&source, &whole[..whole.len() / 2]).unwrap();
    let message = import(&source, &home.path().join("out")).unwrap_err().to_string();
    assert!(message.starts_with("botocore.whl is damaged (") && message.ends_with("); download it again"), "{message}");

    let whole = gzip(&tar("", &package()));
    let source = home.path().join("botocore.tar.gz");
    fs::write(&source, &whole[..whole.len() / 2]).unwrap();
    let message = import(&source, &home.path().join("out")).unwrap_err().to_string();
    assert!(message.contains("is damaged ("), "{message}");
}

#[test]
fn a_source_that_is_not_there() {
    let home = TempDir::new().unwrap();
    let message = import(&home.path().join("nowhere"), &home.path().join("out")).unwrap_err().to_string();
    assert!(message.ends_with("/nowhere cannot be read (No such file or directory (os error 2)); name a botocore wheel, sdist or folder, or Smithy models"), "{message}");
}

/// The last good models stay when an import fails, and a folder with other things in it is left alone.
#[test]
fn nothing_is_lost() {
    let home = TempDir::new().unwrap();
    let (good, bad, out) = (home.path().join("good"), home.path().join("bad"), home.path().join("out"));
    write_folder(&good, &package());
    write_folder(&bad, &with("botocore/data/zoo/2021-05-05/service-2.json", b"{"));
    import(&good, &out).unwrap();
    let before = contents(&out);
    import(&bad, &out).unwrap_err();
    assert_eq!(contents(&out), before);
    import(&good, &out).unwrap();
    assert_eq!(contents(&out), before, "replaced by the same");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 3, "nothing is left behind");

    fs::write(out.join("thesis.txt"), b"mine").unwrap();
    let message = import(&good, &out).unwrap_err().to_string();
    assert!(message.ends_with("/out holds files that no import wrote; name a new or an empty folder"), "{message}");
    assert_eq!(fs::read(out.join("thesis.txt")).unwrap(), b"mine");
}
