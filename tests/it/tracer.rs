//! Runs a program system call by system call, all its threads included: it can be killed just before or just after any
//! call, and a call can be made to fail as a broken disk fails it. What happens at which call is the test's choice.
//!
//! A thread is stopped twice at each call. A call that has to fail gets arguments that no kernel accepts when it
//! begins; when it ends the registers are put back as they were, with the error in place of the result.

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::errno::Errno;
use nix::libc::{self, c_long, user_regs_struct};
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Calls on an open file that change it.
const ON_OPEN: [(c_long, &str); 9] = [
    (libc::SYS_write, "write"),
    (libc::SYS_writev, "writev"),
    (libc::SYS_pwrite64, "pwrite64"),
    (libc::SYS_fsync, "fsync"),
    (libc::SYS_fdatasync, "fdatasync"),
    (libc::SYS_ftruncate, "ftruncate"),
    (libc::SYS_fallocate, "fallocate"),
    (libc::SYS_fchmod, "fchmod"),
    (libc::SYS_fchown, "fchown"),
];
/// Calls that change a folder, with the place of the path that is changed among the arguments.
const ON_PATH: &[(c_long, &str, usize)] = &[
    (libc::SYS_openat, "openat", 1),
    (libc::SYS_unlinkat, "unlinkat", 1),
    (libc::SYS_mkdirat, "mkdirat", 1),
    (libc::SYS_renameat, "renameat", 3),
    (libc::SYS_renameat2, "renameat2", 3),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, "open", 0),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_unlink, "unlink", 0),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_mkdir, "mkdir", 0),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_rename, "rename", 1),
];
/// Calls that talk to somebody else.
const TALK: [(c_long, &str); 5] = [
    (libc::SYS_connect, "connect"),
    (libc::SYS_sendto, "sendto"),
    (libc::SYS_sendmsg, "sendmsg"),
    (libc::SYS_recvfrom, "recvfrom"),
    (libc::SYS_recvmsg, "recvmsg"),
];
const LONGEST_PATH: usize = 4096;

/// What a call reaches outside the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing, as far as a test cares.
    Nothing,
    /// A file or a folder is changed, or made durable.
    Disk(PathBuf),
    /// Another program.
    Network,
}

/// A system call that is about to be made.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: &'static str,
    pub reach: Reach,
}

/// What is done at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Let,
    KillBefore,
    KillAfter,
    Fail(Errno),
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` when it was killed.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs `command` to its end and asks `decide` about each of its calls. Only what lies in `folder` counts as disk.
pub fn run(command: &Command, folder: &Path, decide: impl FnMut(&Call) -> Deed) -> Ended {
    let mut child = stopped(command);
    let id = Pid::from_raw(i32::try_from(child.id()).unwrap());
    waitpid(id, Some(WaitPidFlag::WUNTRACED)).unwrap();
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(id, options).expect("this test needs ptrace(2): in a container, allow SYS_PTRACE");
    kill(id, Signal::SIGCONT).unwrap();
    let mut tracer = Tracer { id, folder, decide, begun: false, doomed: HashMap::new() };
    let code = tracer.follow();
    // Its end was seen already; nothing is left to wait for.
    let _ = child.wait();
    Ended { code, out: all(child.stdout.take()), err: all(child.stderr.take()) }
}

/// The command, stopped by itself just before it becomes the program.
fn stopped(command: &Command) -> Child {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", r#"kill -STOP $$; exec "$0" "$@""#]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(command.get_current_dir().unwrap());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn all(pipe: Option<impl std::io::Read>) -> String {
    let mut text = String::new();
    pipe.unwrap().read_to_string(&mut text).unwrap();
    text
}

struct Tracer<'a, F> {
    id: Pid,
    folder: &'a Path,
    decide: F,
    /// Whether the program runs yet, and no longer the shell.
    begun: bool,
    /// What is done when the call ends that a thread is in, and its registers when it began.
    doomed: HashMap<Pid, (Deed, user_regs_struct)>,
}

impl<F: FnMut(&Call) -> Deed> Tracer<'_, F> {
    /// Goes along until every thread has ended, and gives the exit code.
    fn follow(&mut self) -> Option<i32> {
        let mut code = None;
        // Only children of this thread: tests run side by side.
        let of_ours = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (thread, signal) = match waitpid(None, Some(of_ours)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    // A thread that was killed meanwhile has nothing to tell any more.
                    let _ = self.at_call(thread);
                    (thread, None)
                }
                Ok(WaitStatus::PtraceEvent(thread, _, event)) => {
                    self.begun |= event == Event::PTRACE_EVENT_EXEC as i32;
                    (thread, None)
                }
                Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
                Ok(WaitStatus::Exited(thread, with)) => {
                    code = code.or((thread == self.id).then_some(with));
                    continue;
                }
                Ok(_) => continue,
                Err(Errno::ECHILD) => return code,
                Err(error) => panic!("{error}"),
            };
            let _ = ptrace::syscall(thread, signal);
        }
    }

    fn at_call(&mut self, thread: Pid) -> nix::Result<()> {
        if !self.begun {
            return Ok(());
        }
        if ptrace::syscall_info(thread)?.op == libc::PTRACE_SYSCALL_INFO_ENTRY {
            return self.begins(thread);
        }
        match self.doomed.remove(&thread) {
            Some((Deed::Fail(errno), mut registers)) => {
                set_result(&mut registers, errno);
                ptrace::setregs(thread, registers)
            }
            Some(_) => kill(self.id, Signal::SIGKILL),
            None => Ok(()),
        }
    }

    fn begins(&mut self, thread: Pid) -> nix::Result<()> {
        let registers = ptrace::getregs(thread)?;
        let call = self.call(thread, number(&registers), arguments(&registers));
        let deed = (self.decide)(&call);
        match deed {
            Deed::Let => return Ok(()),
            Deed::KillBefore => return kill(self.id, Signal::SIGKILL),
            Deed::KillAfter => {}
            Deed::Fail(_) => {
                let mut spoilt = registers;
                spoil_arguments(&mut spoilt);
                ptrace::setregs(thread, spoilt)?;
            }
        }
        self.doomed.insert(thread, (deed, registers));
        Ok(())
    }

    fn call(&self, thread: Pid, number: c_long, arguments: [u64; 4]) -> Call {
        let within = |path: PathBuf| if path.starts_with(self.folder) { Reach::Disk(path) } else { Reach::Nothing };
        if let Some((_, name)) = ON_OPEN.iter().find(|(known, _)| *known == number) {
            let open = fs::read_link(format!("/proc/{thread}/fd/{}", arguments[0])).unwrap_or_default();
            let socket = open.to_string_lossy().starts_with("socket:");
            return Call { name, reach: if socket { Reach::Network } else { within(open) } };
        }
        if let Some((_, name, place)) = ON_PATH.iter().find(|(known, ..)| *known == number) {
            let reads = match *name {
                "openat" => only_reads(arguments[2]),
                "open" => only_reads(arguments[1]),
                _ => false,
            };
            let path = if reads { None } else { text_at(thread, arguments[*place]) };
            return Call { name, reach: path.map_or(Reach::Nothing, within) };
        }
        let talk = TALK.iter().find(|(known, _)| *known == number);
        talk.map_or(Call { name: "another call", reach: Reach::Nothing }, |(_, name)| Call {
            name,
            reach: Reach::Network,
        })
    }
}

fn only_reads(flags: u64) -> bool {
    let writing = libc::O_ACCMODE | libc::O_CREAT;
    flags & u64::try_from(writing).unwrap() == u64::try_from(libc::O_RDONLY).unwrap()
}

/// The path in a thread's memory; relative ones are of its working folder, which is ours to know.
fn text_at(thread: Pid, address: u64) -> Option<PathBuf> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = vec![0; LONGEST_PATH];
    // Up to the end of the page, behind which there may be nothing.
    let in_page = LONGEST_PATH - usize::try_from(address).ok()? % LONGEST_PATH;
    let mut read = memory.read_at(&mut bytes[..in_page], address).ok()?;
    if !bytes[..read].contains(&0) {
        read += memory.read_at(&mut bytes[read..], address + read as u64).ok()?;
    }
    let end = bytes[..read].iter().position(|byte| *byte == 0)?;
    let text = PathBuf::from(std::str::from_utf8(&bytes[..end]).ok()?);
    Some(fs::read_link(format!("/proc/{thread}/cwd")).ok()?.join(text))
}

#[cfg(target_arch = "x86_64")]
mod registers {
    use super::{Errno, c_long, user_regs_struct};

    pub fn number(registers: &user_regs_struct) -> c_long {
        registers.orig_rax.cast_signed()
    }

    pub fn arguments(registers: &user_regs_struct) -> [u64; 4] {
        [registers.rdi, registers.rsi, registers.rdx, registers.r10]
    }

    pub fn spoil_arguments(registers: &mut user_regs_struct) {
        (registers.rdi, registers.rsi) = (u64::MAX, u64::MAX);
    }

    pub fn set_result(registers: &mut user_regs_struct, errno: Errno) {
        registers.rax = i64::from(-(errno as i32)).cast_unsigned();
    }
}

#[cfg(target_arch = "aarch64")]
mod registers {
    use super::{Errno, c_long, user_regs_struct};

    pub fn number(registers: &user_regs_struct) -> c_long {
        registers.regs[8].cast_signed()
    }

    pub fn arguments(registers: &user_regs_struct) -> [u64; 4] {
        [registers.regs[0], registers.regs[1], registers.regs[2], registers.regs[3]]
    }

    pub fn spoil_arguments(registers: &mut user_regs_struct) {
        registers.regs[..2].fill(u64::MAX);
    }

    pub fn set_result(registers: &mut user_regs_struct, errno: Errno) {
        registers.regs[0] = i64::from(-(errno as i32)).cast_unsigned();
    }
}

use registers::{arguments, number, set_result, spoil_arguments};
