/** Changes to saved messages: the app makes them, and sends the transcript as it is then. */

import { undoNotification } from "./actions.js";

export class MessageChanges {
  /** @param {import("./chat.js").Chat} chat whose messages they are */
  constructor(chat) {
    this.chat = chat;
  }

  /** Always include the message in the context, or no longer. */
  pin(id) {
    return this.#post(id, "pin");
  }

  /** Show another version of a message. */
  async select(id) {
    await this.#post(id, "select");
    this.chat.transcript.find(id)?.element.querySelector(".branch button:enabled")?.focus();
  }

  /** Delete a message, and offer to restore it. */
  async delete(id) {
    const { t, transcript, notifications } = this.chat;
    if (!(await this.#post(id, "delete"))) return;
    const { element, button } = undoNotification(t, async () => {
      await this.#post(id, "restore");
      transcript.find(id)?.element.focus();
    });
    notifications.show(element);
    button.focus();
  }

  /** @returns {Promise<boolean>} whether the app made the change */
  async #post(id, verb) {
    const { api, data, notifications, otherTabs } = this.chat;
    const { conversation } = data;
    try {
      const state = await api.post(`messages/${encodeURIComponent(id)}/${verb}`, { conversation });
      if (conversation === this.chat.data.conversation) this.chat.showState(state);
      this.chat.trigger("changed", Date.now());
      otherTabs.notify(conversation);
      return true;
    } catch (error) {
      notifications.warnAbout(error);
      return false;
    }
  }
}
