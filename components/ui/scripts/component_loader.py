"""The script that Streamlit loads for a live component: it imports the component's module."""

from components.ui.scripts.script_urls import script_url

_LOADER_SCRIPT = """
export default function (component) {
  let unmount = () => {};
  let unmounted = false;
  import(new URL("%s", document.baseURI)).then((module) => {
    if (!unmounted) unmount = module.mount(component);
  });
  return () => {
    unmounted = true;
    unmount();
  };
}
"""


def component_loader(name: str) -> str:
    """Return the loader of the script *name*, such as `live/assets/live.js`.

    Streamlit sends a component's script with every rerun, so it is this short one; the browser caches the
    module.
    """
    return _LOADER_SCRIPT % script_url(name)
