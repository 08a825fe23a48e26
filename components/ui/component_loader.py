"""The script that Streamlit loads for a live component: it imports the component's module."""

_LOADER_SCRIPT = """
export default function (component) {
  let unmount = () => {};
  let gone = false;
  import(new URL("%s", document.baseURI)).then((module) => {
    if (!gone) unmount = module.mount(component);
  });
  return () => {
    gone = true;
    unmount();
  };
}
"""


def component_loader(path: str) -> str:
    """Return the loader of the module at *path*.

    Streamlit sends a component's script with every rerun, so it is this short one; the browser caches the
    module.
    """
    return _LOADER_SCRIPT % path
