//! Processes and descriptors, counted.

/// The processes that this one has started and that are not gone, in the order of their numbers.
pub fn children() -> Vec<u32> {
    let mut children: Vec<u32> = Vec::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        // A thread may end meanwhile, and has no children then.
        let listed = std::fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
        children.extend(listed.split_ascii_whitespace().map(|pid| pid.parse::<u32>().unwrap()));
    }
    children.sort_unstable();
    children
}

/// What the open descriptors of this process are, such as `socket:[4711]`, in the order of the names.
pub fn open_descriptors() -> Vec<String> {
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
    // The one that reads the folder is closed by now, and has no name any more.
    let names = descriptors.filter_map(|descriptor| std::fs::read_link(descriptor.unwrap().path()).ok());
    let mut names: Vec<String> = names.map(|name| name.display().to_string()).collect();
    names.retain(|name| !name.starts_with("/proc/"));
    names.sort_unstable();
    names
}
