//! A runner of GitHub's workflows, as small as our own files need it: shell steps are really run, steps that use an
//! action are left out. What it does not know it refuses loudly; it must never guess what GitHub would do.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Yaml;

/// The actions that may be used, each as the full commit of a release that was looked up.
pub const PINNED: &[(&str, &str, &str)] = &[
    ("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    ("actions/cache/restore", "27d5ce7f107fe9357f9df03efb73ab90386fccae", "v5.0.5"),
    ("actions/cache/save", "27d5ce7f107fe9357f9df03efb73ab90386fccae", "v5.0.5"),
    ("actions/upload-artifact", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    ("actions/upload-pages-artifact", "fc324d3547104276b827a68afc52ff2a11cc49c9", "v5.0.0"),
    ("actions/deploy-pages", "cd2ce8fcbc39b97be8ca5fce6e763baed58fa128", "v5.0.0"),
    ("Swatinem/rust-cache", "6323deb102c322ba6fcbdcafc7e3dddab59af2b6", "v2.9.2"),
];

/// The step whose result is there already: the tests' own binary.
const BUILT: &str = "build";

/// The text of a workflow of ours.
pub fn text(file: &str) -> String {
    fs::read_to_string(root().join(".github/workflows").join(file)).unwrap()
}

/// A workflow of ours.
pub fn workflow(file: &str) -> Yaml {
    serde_yaml_ng::from_str(&text(file)).unwrap()
}

/// The steps of all of a workflow's jobs.
pub fn steps(workflow: &Yaml) -> Vec<&Yaml> {
    let jobs = workflow["jobs"].as_object().unwrap().values();
    jobs.flat_map(|job| job["steps"].as_array().unwrap()).collect()
}

/// The project's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A scalar as YAML writes it; nothing for what is not there.
pub fn as_text(value: &Yaml) -> String {
    match value {
        Yaml::Null => String::new(),
        Yaml::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A repository on GitHub with its secrets and variables, and the machine that runs its workflows.
pub struct Repository {
    folder: tempfile::TempDir,
    secrets: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    /// What the machine has in its environment: the simulator in place of the internet.
    machine: BTreeMap<String, String>,
}

/// What a run of a workflow came to.
#[derive(Default)]
pub struct Run {
    /// Each shell step that ran, with its exit code.
    pub codes: BTreeMap<String, i32>,
    /// Everything that its steps printed, in order.
    pub output: String,
    /// The job's summary.
    pub summary: String,
    /// Every file that is uploaded or kept for the next run, by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Run {
    /// Whether GitHub would show it green.
    pub fn is_green(&self) -> bool {
        self.codes.values().all(|code| *code == 0)
    }

    /// What is masked from the start: the masks that nothing else was printed before.
    pub fn masked(&self) -> Vec<String> {
        let masks = self.output.lines().map_while(|line| line.strip_prefix("::add-mask::"));
        masks.map(|mask| mask.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")).collect()
    }

    /// Everything that is shown or stored, by where it is.
    pub fn written(&self) -> Vec<(String, Vec<u8>)> {
        let shown: Vec<&str> = self.output.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
        let mut all = vec![
            ("the output".to_owned(), shown.join("\n").into_bytes()),
            ("the summary".to_owned(), self.summary.clone().into_bytes()),
        ];
        all.extend(self.files.clone());
        all
    }
}

impl Repository {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("workspace");
        fs::create_dir_all(workspace.join("target/release")).unwrap();
        fs::create_dir(folder.path().join("temp")).unwrap();
        symlink(root().join(".github"), workspace.join(".github")).unwrap();
        let none = BTreeMap::new;
        let repository = Self { folder, secrets: none(), variables: none(), machine: none() };
        symlink(env!("CARGO_BIN_EXE_mediakit"), repository.binary()).unwrap();
        repository
    }

    /// Where the build step leaves the program.
    pub fn binary(&self) -> PathBuf {
        self.folder.path().join("workspace/target/release/mediakit")
    }

    /// The owner sets a secret.
    pub fn secret(mut self, name: &str, value: impl Into<String>) -> Self {
        self.secrets.insert(name.to_owned(), value.into());
        self
    }

    /// The owner sets a variable.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Puts something into the environment of the machine.
    pub fn machine(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.machine.insert(name.into(), value.into());
        self
    }

    /// The folder that GitHub gives a job for what it needs while it runs.
    pub fn temp(&self) -> PathBuf {
        self.folder.path().join("temp")
    }

    /// Runs a workflow. What its steps put into the cache is there again in the next run; all else of the machine's
    /// temporary folder goes.
    pub fn run(&self, file: &str) -> Run {
        let workflow = workflow(file);
        assert_eq!(workflow["defaults"]["run"]["shell"], "bash", "{file}: this runner knows bash only");
        let (mut run, mut to_keep) = (Run::default(), Vec::new());
        let mut job = Job { repository: self, outputs: BTreeMap::new(), environment: BTreeMap::new(), failed: false };
        job.environment = job.values(&workflow["env"]);
        for step in steps(&workflow) {
            if !job.wants(step["if"].as_str()) || step["id"] == BUILT {
                continue;
            }
            let Some(uses) = step["uses"].as_str() else {
                job.shell(step, &mut run);
                continue;
            };
            let with = job.values(&step["with"]);
            let caches = uses.starts_with("actions/cache/save@");
            let uploads =
                uses.starts_with("actions/upload-artifact@") || uses.starts_with("actions/upload-pages-artifact@");
            if caches {
                to_keep.push(PathBuf::from(&with["path"]));
            }
            if caches || uploads {
                collect(Path::new(&with["path"]), &mut run.files);
            }
        }
        for entry in fs::read_dir(self.temp()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::remove_file(path).unwrap();
            } else if !to_keep.contains(&path) {
                fs::remove_dir_all(path).unwrap();
            }
        }
        run
    }
}

/// The files under a folder, by name; none when it isn't there.
fn collect(folder: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.insert(path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap());
        }
    }
}

/// A job while it runs.
struct Job<'a> {
    repository: &'a Repository,
    outputs: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    failed: bool,
}

impl Job<'_> {
    /// Runs a step as GitHub does: its text is a file that bash gets, its environment the job's and its own.
    fn shell(&mut self, step: &Yaml, run: &mut Run) {
        let folder = self.repository.folder.path();
        let name = step["name"].as_str().unwrap();
        fs::write(folder.join("step.sh"), step["run"].as_str().unwrap()).unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(folder.join("step.sh"));
        command.env_clear().env("PATH", std::env::var("PATH").unwrap()).env("HOME", folder).env("LANG", "C.UTF-8");
        command.env("CI", "true").env("GITHUB_ACTIONS", "true").env("GITHUB_REPOSITORY", github("repository"));
        command.env("GITHUB_WORKSPACE", folder.join("workspace")).env("RUNNER_TEMP", self.repository.temp());
        for file in ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
            fs::write(folder.join(file), "").unwrap();
            command.env(file, folder.join(file));
        }
        command.envs(&self.repository.machine).envs(&self.environment).envs(self.values(&step["env"]));
        // Both streams into one file, as they come: the order of masks and words is what matters.
        let output = fs::File::create(folder.join("output")).unwrap();
        command.stdout(output.try_clone().unwrap()).stderr(output).stdin(Stdio::null());
        let status = command.current_dir(folder.join("workspace")).status().unwrap();

        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
        run.output.push_str(&read("output"));
        run.summary.push_str(&read("GITHUB_STEP_SUMMARY"));
        run.codes.insert(name.to_owned(), status.code().unwrap_or(-1));
        self.failed |= !status.success();
        self.environment.extend(assignments(&read("GITHUB_ENV")));
        let id = step["id"].as_str().unwrap_or_default();
        let named = |(name, value)| (format!("steps.{id}.outputs.{name}"), value);
        self.outputs.extend(assignments(&read("GITHUB_OUTPUT")).into_iter().map(named));
    }

    /// A mapping with its expressions replaced.
    fn values(&self, mapping: &Yaml) -> BTreeMap<String, String> {
        let entries = mapping.as_object().into_iter().flatten();
        entries.map(|(name, value)| (name.clone(), self.text(&as_text(value)))).collect()
    }

    /// A text with its expressions replaced.
    fn text(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut out = parts.next().unwrap().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").unwrap();
            out.push_str(&self.value(expression.trim()));
            out.push_str(rest);
        }
        out
    }

    /// What a name stands for; unset is empty, as on GitHub.
    fn value(&self, name: &str) -> String {
        let of = |map: &BTreeMap<String, String>, name: &str| map.get(name).cloned().unwrap_or_default();
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match name.split_once('.') {
            Some(("secrets", "GITHUB_TOKEN")) => panic!("no step needs the automatic token"),
            Some(("secrets", name)) if is_name(name) => of(&self.repository.secrets, name),
            Some(("vars", name)) if is_name(name) => of(&self.repository.variables, name),
            Some(("github", name)) => github(name).to_owned(),
            Some(("runner", "temp")) => self.repository.temp().display().to_string(),
            Some(("steps", rest)) if rest.split('.').all(is_name) => of(&self.outputs, name),
            _ => panic!("this runner does not know the expression {name}"),
        }
    }

    /// Whether a step's condition holds: terms joined by `&&`; without a status function only while all went well.
    fn wants(&self, condition: Option<&str>) -> bool {
        let condition = condition.unwrap_or("success()").trim();
        let inner = condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(condition);
        let terms: Vec<&str> = inner.split("&&").map(str::trim).collect();
        let asks_status = terms.iter().any(|term| ["always()", "!cancelled()", "success()"].contains(term));
        (asks_status || !self.failed) && terms.into_iter().all(|term| self.holds(term))
    }

    fn holds(&self, term: &str) -> bool {
        let literal = |text: &str| -> String {
            let inner = text.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            inner.unwrap_or_else(|| panic!("this runner does not know the condition {term}")).to_owned()
        };
        match term {
            "always()" | "!cancelled()" => true,
            "success()" => !self.failed,
            _ => match (term.split_once("=="), term.split_once("!=")) {
                (Some((name, text)), None) => self.value(name.trim()) == literal(text),
                (None, Some((name, text))) => self.value(name.trim()) != literal(text),
                _ => panic!("this runner does not know the condition {term}"),
            },
        }
    }
}

/// What GitHub tells of the run.
fn github(name: &str) -> &'static str {
    match name {
        "repository" => "mara/kit",
        "run_id" => "4711",
        "run_attempt" => "1",
        _ => panic!("this runner does not know github.{name}"),
    }
}

/// `NAME=value` lines as steps write them for later ones.
fn assignments(text: &str) -> Vec<(String, String)> {
    let assignment = |line: &str| {
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("this runner does not know {line}"));
        assert!(!name.contains("<<"), "this runner does not know values of several lines");
        (name.to_owned(), value.to_owned())
    };
    text.lines().map(assignment).collect()
}
