//! What is read out of archives, again and again.

use super::*;

#[test]
fn services_and_their_documentation_are_taken_over() {
    let den = Den::new();
    let steps = Mutex::new(Vec::new());
    let server = Server::with([Answer {
        length: Some(gzip(&tar(&two_toys())).len() as u64),
        ..Answer::ok(gzip(&tar(&two_toys())))
    }]);
    let report = sync(den.options(0), Some((&den.place, &server)), &|step| steps.lock().unwrap().push(step)).unwrap();
    assert_eq!(server.asked(), [("https://models.example/aws/archive/main.tar.gz".to_owned(), None)]);
    assert_eq!((report.change, report.services, report.operations), (Change::New, 441, 19_799));
    assert_eq!(report.added, ["toy-box:GetToy", "toy-box:PutToy", "toy-zoo:Feed"]);
    assert_eq!((report.removed.len(), report.changed), (0, vec!["toy-box".to_owned(), "toy-zoo".to_owned()]));
    assert_eq!(report.facts, [(Origin::Snapshot, 439), (Origin::Sync, 2)]);
    assert_eq!(report.documentation, [(Origin::Sync, 2)]);

    let models = den.models();
    assert_eq!((models.generation(), models.problem()), (report.generation, None));
    assert_eq!(
        listed(&models, "toy-box"),
        [
            ("GetToy".to_owned(), Some("Does GetToy.".to_owned())),
            ("PutToy".to_owned(), Some("Does PutToy.".to_owned()))
        ]
    );
    let store = models.store();
    let model = store.model("toy-box").unwrap();
    let input = model.input(&model.operations["PutToy"]).unwrap();
    assert_eq!(input.members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["Name", "Size"]);
    // What the sync does not have is the snapshot's.
    assert_eq!(store.model("s3").unwrap(), crate::models::Store::embedded().model("s3").unwrap());

    let steps = steps.into_inner().unwrap();
    assert_eq!(steps.first(), Some(&Step::Asking));
    assert!(matches!(steps[1], Step::Reading { total: Some(_), models: 1, changed: 1, .. }), "{:?}", steps[1]);
    assert!(steps.contains(&Step::Merging { done: 441, total: 441 }));
    assert_eq!(steps.last(), Some(&Step::Verifying));
}

#[test]
fn every_packing_and_layout_gives_the_same() {
    let plain = two_toys();
    let renamed = |change: fn(&str) -> String| -> Files {
        plain.iter().map(|(path, bytes)| (change(path), bytes.clone())).collect()
    };
    let archives = [
        ("gzip", gzip(&tar(&plain))),
        ("zstd", zstd::bulk::compress(&tar(&plain), 1).unwrap()),
        ("plain", tar(&plain)),
        ("models/", tar(&renamed(|path| path.replace("models-main/", "x-0123abc/models/")))),
        ("no service/", tar(&renamed(|path| path.replace("/service/", "/")))),
        ("no folder", tar(&renamed(|path| path.replace("models-main/", "./")))),
    ];
    let mut generations = Vec::new();
    for (what, archive) in archives {
        let den = Den::new();
        let report = den.sync(0, &Server::with([Answer::ok(archive)])).unwrap();
        assert_eq!(report.added.len(), 3, "{what}");
        generations.push(report.generation.unwrap());
    }
    generations.dedup();
    assert_eq!(generations.len(), 1, "the name of a generation tells its content");
}

#[test]
fn what_did_not_change_is_not_made_again() {
    let den = Den::new();
    let first = den.good(0, &two_toys());
    let before = den.models();

    // The same under another commit: nothing differs.
    let moved = two_toys().into_iter().map(|(path, bytes)| (path.replace("main", "0123abc"), bytes)).collect();
    let same = den.good(1, &moved);
    assert_eq!((same.change, &same.generation, same.changed.len()), (Change::Same, &first.generation, 0));

    // One of two changed: the other is the very same file.
    let mut files = two_toys();
    let feed = toy("Toy Zoo", &[("Feed", &["Animal", "Food"]), ("Water", &[])]);
    files.insert("models-main/toy-zoo/service/2020-01-01/toy-zoo.json".into(), feed.to_string().into_bytes());
    let steps = Mutex::new(Vec::new());
    let server = Server::with([Answer::ok(gzip(&tar(&files)))]);
    let second = sync(den.options(2), Some((&den.place, &server)), &|step| steps.lock().unwrap().push(step)).unwrap();
    assert_eq!(
        (second.change, second.added, second.changed),
        (Change::New, vec!["toy-zoo:Water".to_owned()], vec!["toy-zoo".to_owned()])
    );
    let reading = steps.into_inner().unwrap().into_iter().rfind(|step| matches!(step, Step::Reading { .. }));
    assert!(matches!(reading, Some(Step::Reading { models: 2, changed: 1, .. })), "{reading:?}");
    let inode = |generation: &Option<String>, file: &str| {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(den.home.generation(generation.as_ref().unwrap()).join(file)).unwrap().ino()
    };
    assert_eq!(inode(&first.generation, "toy-box.json.zst"), inode(&second.generation, "toy-box.json.zst"));
    assert_ne!(inode(&first.generation, "toy-zoo.json.zst"), inode(&second.generation, "toy-zoo.json.zst"));

    // A model that is gone from the source is gone.
    files.retain(|path, _| !path.contains("toy-box"));
    let third = den.good(3, &files);
    assert_eq!(third.removed, ["toy-box:GetToy", "toy-box:PutToy"]);
    assert_eq!(listed(&den.models(), "toy-box"), []);
    // Whoever still holds the first generation keeps it as long as one more was made, no longer.
    assert_eq!(listed(&before, "toy-box").len(), 2);
    assert!(!den.home.generation(&first.generation.unwrap()).exists());
    assert!(den.home.generation(&second.generation.unwrap()).exists());
}

#[test]
fn an_etag_saves_the_sending() {
    let den = Den::new();
    let answer = Answer { etag: Some("\"one\""), ..Answer::ok(gzip(&tar(&two_toys()))) };
    let first = den.sync(0, &Server::with([answer.clone()])).unwrap();
    let server = Server::with([Answer::status(304)]);
    let second = den.sync(1, &server).unwrap();
    assert_eq!((second.change, &second.generation, second.bytes), (Change::NotModified, &first.generation, 0));
    assert_eq!(server.asked()[0].1.as_deref(), Some("\"one\""));
    let last = den.home.last_sync().unwrap().unwrap();
    assert_eq!((last.succeeded_at, last.tried_at, last.problem), (Some(at(1)), at(1), None));

    // The tag of one source says nothing of another's, nor does it when all is to be made anew.
    let asked_with = |options: Options<'_>, place: &Place| {
        let server = Server::with([answer.clone()]);
        sync(options, Some((place, &server)), &|_| {}).unwrap();
        server.asked()[0].1.clone()
    };
    assert_eq!(asked_with(Options { anew: true, ..den.options(2) }, &den.place), None);
    assert_eq!(asked_with(den.options(3), &Place::new("https://models.example/aws", "v2").unwrap()), None);
    // And a generation that was damaged needs everything again.
    assert_eq!(asked_with(den.options(4), &den.place), None, "another place was synced in between");
    let generation = den.models().generation().unwrap();
    std::fs::write(den.home.generation(&generation).join("toy-box.json.zst"), "junk").unwrap();
    assert!(den.models().store().model("toy-box").unwrap_err().to_string().ends_with("run `countersign models sync`"));
    assert_eq!(asked_with(den.options(5), &den.place), None);
    assert_eq!(den.models().store().model("toy-box").unwrap().operations.len(), 2, "it is mended");
}

#[test]
fn redirects_are_followed_and_not_for_ever() {
    let den = Den::new();
    let to = |location| Answer { location: Some(location), ..Answer::status(302) };
    let server = Server::with([to("https://codes.example/x"), to("/y"), Answer::ok(gzip(&tar(&two_toys())))]);
    assert_eq!(den.sync(0, &server).unwrap().change, Change::New);
    let asked: Vec<String> = server.asked().into_iter().map(|(url, _)| url).collect();
    assert_eq!(
        asked,
        ["https://models.example/aws/archive/main.tar.gz", "https://codes.example/x", "https://codes.example/y"]
    );
    let server = Server::with([(); 6].map(|()| to("/again")));
    let error = den.sync(1, &server).unwrap_err().to_string();
    assert!(error.contains("redirects more than 5 times"), "{error}");
    let error = den.sync(2, &Server::with([to("http://models.example/plain")])).unwrap_err().to_string();
    assert!(error.contains("https only"), "{error}");
}
