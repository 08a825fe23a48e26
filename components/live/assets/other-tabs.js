/** Tells the other tabs of this browser that a conversation has changed, so that they show the change too. */
export class OtherTabs {
  /** @param {(conversation: string) => void} onChange called when another tab has changed a conversation */
  constructor(onChange) {
    this.channel = new BroadcastChannel("conversation-changes");
    this.channel.addEventListener("message", ({ data }) => onChange(data));
  }

  /** @param {string} conversation the ID of the one that this tab has changed */
  notify(conversation) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origins
    this.channel.postMessage(conversation);
  }

  close() { this.channel.close(); }
}
