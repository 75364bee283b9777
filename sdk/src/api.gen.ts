// SPDX-License-Identifier: Apache-2.0
// Generated from api/openapi.yaml by sdk/tools/generate.mjs. Do not edit.

export interface paths {
    "/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign up. The first account is the owner.
         * @description Also sets the cookie `gx_media` (HttpOnly, SameSite=Strict), with which a browser reads media.
         */
        post: operations["accounts.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Someone one may see, with the tie if there is one. */
        get: operations["accounts.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account with exactly this username; the same answer whether hidden or missing. */
        get: operations["accounts.search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom one blocks. */
        get: operations["blocks.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/blocks/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Block someone. */
        put: operations["blocks.put"];
        post?: never;
        /** Stop blocking someone; harmless when one doesn't. */
        delete: operations["blocks.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contact-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests to and from oneself, newest first. */
        get: operations["contact_requests.list"];
        put?: never;
        /**
         * Ask someone to become a contact.
         * @description A crossing request makes the tie at once, and so does asking someone who still has one in
         *     the list. A source that is not true is refused, and so is one that this version does not
         *     have (phone, qr, face, introduction). Asking again while a request is open changes its
         *     greeting and answers the same request. To the asker a request that was declined, or that
         *     its addressee will never see, looks pending until it expires.
         */
        post: operations["contact_requests.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contact-requests/{request_id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept a request. */
        post: operations["contact_requests.accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contact-requests/{request_id}/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decline a request; the one who asked is not told. */
        post: operations["contact_requests.decline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's contacts. */
        get: operations["contacts.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contacts/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a contact on one's own side; the other is not told. */
        delete: operations["contacts.delete"];
        options?: never;
        head?: never;
        /** Change remark, tags, star. */
        patch: operations["contacts.update"];
        trace?: never;
    };
    "/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's conversations, newest first. */
        get: operations["conversations.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{conversation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One conversation. */
        get: operations["conversations.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Pin or mute, for oneself. */
        patch: operations["conversations.update"];
        trace?: never;
    };
    "/conversations/{conversation_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * History by pages, in order of seq.
         * @description Without `before` and `after` the newest; both together are refused. `next` is the value for
         *     the next page in the same direction.
         */
        get: operations["messages.list"];
        put?: never;
        /** Send a message. The same client_id again gives the first result. */
        post: operations["messages.send"];
        /** Clear the history for oneself. */
        delete: operations["messages.clear"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{conversation_id}/messages/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a message for oneself. */
        delete: operations["messages.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{conversation_id}/messages/{seq}/recall": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Recall a message; nobody can read it any more, nor its media.
         * @description The sender within the window; a group's owner and admins always.
         */
        post: operations["messages.recall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{conversation_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Everything up to `seq` is read. Never goes back. */
        put: operations["conversations.read"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{conversation_id}/typing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show the others that one is typing; stored nowhere. Over the stream the typing frame does the same. */
        post: operations["conversations.typing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A group of contacts.
         * @description Each person is decided on for himself: `refused` names those who are not contacts on both
         *     sides (contacts.not_friend), who block the caller (contacts.refused) or for whom there is
         *     no place (groups.full). `invited` is always empty in this version.
         */
        post: operations["groups.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/groups/{group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A group one is in. */
        get: operations["groups.get"];
        put?: never;
        post?: never;
        /** Dissolve a group. Its owner. */
        delete: operations["groups.dissolve"];
        options?: never;
        head?: never;
        /** Rename, announce, hand over, appoint admins. */
        patch: operations["groups.update"];
        trace?: never;
    };
    "/groups/{group_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members in order of joining. */
        get: operations["group_members.list"];
        put?: never;
        /**
         * Add contacts; each person is decided on for himself.
         * @description Who is a member already is in neither list.
         */
        post: operations["group_members.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/groups/{group_id}/members/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove someone, or leave.
         * @description An owner who leaves hands over to the longest member.
         */
        delete: operations["group_members.remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/groups/{group_id}/nickname": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** One's name in this group; empty clears it. */
        put: operations["groups.set_nickname"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server is up. */
        get: operations["health.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/instance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a visitor must know before signing in. */
        get: operations["instance.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The invitations that are still good. Operators. */
        get: operations["invites.list"];
        put?: never;
        /** An invitation code. Operators. */
        post: operations["invites.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invites/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take an invitation back. Operators. */
        delete: operations["invites.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Oneself. */
        get: operations["me.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change one's profile. */
        patch: operations["me.update"];
        trace?: never;
    };
    "/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change one's password; signs out the other devices. */
        put: operations["me.set_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ten new recovery codes; the older ones end. */
        post: operations["recovery_codes.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/media": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Upload a file. What is never sent expires. */
        post: operations["media.upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/media/{media_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The bytes; ranges and ETags honoured. */
        get: operations["media.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/media/{media_id}/thumb": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A small picture of it. */
        get: operations["media.thumb"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in Prometheus' text format; from loopback only by default. */
        get: operations["metrics.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the platform said to one, newest first. */
        get: operations["notices.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accounts of this server. Operators. */
        get: operations["operator.list_accounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/accounts/{account_id}/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A code with which someone sets a new password. Operators; for someone of a lower role, or oneself. */
        post: operations["operator.reset_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/accounts/{account_id}/role": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Make someone an operator, or not. Owner. */
        put: operations["operator.set_role"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/accounts/{account_id}/suspension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Suspend an account of a lower role; its sessions end. Operators. */
        put: operations["operator.suspend"];
        post?: never;
        /** Lift a suspension. Operators. */
        delete: operations["operator.unsuspend"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What operators did, newest first. Operators. */
        get: operations["operator.list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/instance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How others reach this server. Operators. */
        get: operations["operator.get_instance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say something to everybody. Operators.
         * @description Reaches every account there is at this moment, as the event `notice`. Whoever signs up later was
         *     not spoken to.
         */
        post: operations["operator.create_notice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All reports. Operators. */
        get: operations["operator.list_reports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operator/reports/{report_id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide on a report. Operators. */
        post: operations["operator.close_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password-resets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new password by a recovery code or an operator's code; other sessions end. */
        post: operations["password_resets.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/proofs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A challenge whose proof of work lets one sign up when many do.
         * @description SHA-256(challenge + ":" + nonce) must start with `bits` zero bits. Good once.
         */
        post: operations["proofs.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own reports, with their outcome. */
        get: operations["reports.list"];
        put?: never;
        /** Report a message (conversation_id and seq) or an account (account_id). */
        post: operations["reports.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's own devices. */
        get: operations["sessions.list"];
        put?: never;
        /**
         * Sign in.
         * @description Also sets the cookie `gx_media`, like accounts.create.
         */
        post: operations["sessions.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{device_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out another device; its streams close with 4001. */
        delete: operations["sessions.delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out this device. */
        delete: operations["sessions.delete_current"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The WebSocket. Text frames, one JSON object each.
         * @description From a browser with `Sec-WebSocket-Protocol: guanxi.v1, bearer.TOKEN`. Events missed since
         *     the cursor come first, then live ones. What the server sends is `ServerFrame`, what it
         *     accepts is `ClientFrame`. A revoked session closes with 4001, a cursor that became too old
         *     while it was read with 4010, the oldest of too many streams of one account with 4008.
         */
        get: operations["sync.stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is new since a cursor; waits for it if asked to.
         * @description Without `since` the answer carries the present cursor and no events. `cursor` moves past
         *     every event of the answer. After 410 the client reads its lists again.
         */
        get: operations["sync.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Account: {
            avatar: components["schemas"]["AvatarId"];
            id: components["schemas"]["Id"];
            nickname: string;
            region: string;
            signature: string;
            username: string;
        };
        AccountAnswer: {
            account: components["schemas"]["Account"];
        };
        /** @description Someone's profile changed; one's own, too. */
        AccountEvent: {
            account: components["schemas"]["Account"];
            at: components["schemas"]["Time"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "account";
        };
        AuditEntry: {
            /** @description Whom it was done to. */
            account: components["schemas"]["Account"] | null;
            /** @enum {unknown} */
            action: "suspend" | "unsuspend" | "set_role" | "reset_password" | "create_invite" | "delete_invite" | "close_report" | "create_notice";
            at: components["schemas"]["Time"];
            note: string;
            operator: components["schemas"]["Account"];
        };
        /** @description A media id, or null. */
        AvatarId: components["schemas"]["Id"] | null;
        CallFrame: {
            id: number;
            in?: Record<string, never>;
            op: string;
            /** @constant */
            t: "call";
        };
        CardBody: {
            account_id: components["schemas"]["Id"];
            avatar: components["schemas"]["AvatarId"];
            nickname: string;
        };
        CardContent: {
            body: components["schemas"]["CardBody"];
            /** @constant */
            kind: "card";
        };
        /** @description What the server accepts over the stream. */
        ClientFrame: components["schemas"]["CallFrame"] | components["schemas"]["ClientTypingFrame"];
        /** @description Unique per sender (for a message per sender and conversation). Clients use at least 64 random bits. */
        ClientId: string;
        ClientTypingFrame: {
            conversation_id: components["schemas"]["Id"];
            /** @constant */
            t: "typing";
        };
        Contact: {
            account: components["schemas"]["Account"];
            remark: string;
            since_at: components["schemas"]["Time"];
            source: components["schemas"]["Source"];
            starred: boolean;
            tags: string[];
        };
        ContactEvent: {
            at: components["schemas"]["Time"];
            contact: components["schemas"]["Contact"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "contact";
        };
        ContactRemovedEvent: {
            account_id: components["schemas"]["Id"];
            at: components["schemas"]["Time"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "contact_removed";
        };
        ContactRequest: {
            created_at: components["schemas"]["Time"];
            expires_at: components["schemas"]["Time"];
            from: components["schemas"]["Account"];
            greeting: string;
            id: components["schemas"]["Id"];
            source: components["schemas"]["Source"];
            /** @enum {unknown} */
            state: "pending" | "accepted" | "declined" | "expired";
            to: components["schemas"]["Account"];
        };
        ContactRequestEvent: {
            at: components["schemas"]["Time"];
            request: components["schemas"]["ContactRequest"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "contact_request";
        };
        Conversation: {
            avatar: components["schemas"]["AvatarId"];
            id: components["schemas"]["Id"];
            /** @enum {unknown} */
            kind: "direct" | "group" | "official" | "self";
            last_message: components["schemas"]["Message"] | null;
            last_seq: number;
            muted: boolean;
            name: string;
            /** @description The other side of a direct conversation. */
            peer?: components["schemas"]["Account"];
            pinned: boolean;
            read_seq: number;
            unread: number;
        };
        ConversationAnswer: {
            conversation: components["schemas"]["Conversation"];
        };
        /** @description Created, renamed, pinned, left … */
        ConversationEvent: {
            at: components["schemas"]["Time"];
            conversation: components["schemas"]["Conversation"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "conversation";
        };
        Cursor: string;
        Device: {
            name?: string;
            platform?: string;
        };
        EmptyBody: Record<string, never>;
        /** @description One thing that happened. Applying one twice is harmless. */
        Event: components["schemas"]["MessageEvent"] | components["schemas"]["MessageRecalledEvent"] | components["schemas"]["ReadEvent"] | components["schemas"]["ConversationEvent"] | components["schemas"]["MembersEvent"] | components["schemas"]["ContactRequestEvent"] | components["schemas"]["ContactEvent"] | components["schemas"]["ContactRemovedEvent"] | components["schemas"]["AccountEvent"] | components["schemas"]["NoticeEvent"];
        EventFrame: {
            cursor: components["schemas"]["Cursor"];
            event: components["schemas"]["Event"];
            /** @constant */
            t: "event";
        };
        FileBody: {
            media_id: components["schemas"]["Id"];
            name: string;
            size: number;
        };
        FileContent: {
            body: components["schemas"]["FileBody"];
            /** @constant */
            kind: "file";
        };
        Group: {
            admins: components["schemas"]["Id"][];
            announced_at: components["schemas"]["Time"] | null;
            announcement: string;
            id: components["schemas"]["Id"];
            members_count: number;
            my_nickname: string;
            name: string;
            owner_id: components["schemas"]["Id"];
        };
        GroupName: string;
        /** @description Messages put together into one. */
        HistoryBody: {
            items: components["schemas"]["HistoryItem"][];
            title: string;
        };
        HistoryContent: {
            body: components["schemas"]["HistoryBody"];
            /** @constant */
            kind: "history";
        };
        HistoryItem: {
            body: Record<string, never>;
            kind: components["schemas"]["MessageKind"];
            nickname: string;
            sent_at: components["schemas"]["Time"];
        };
        Id: string;
        IdList: components["schemas"]["Id"][];
        ImageBody: {
            height: components["schemas"]["Pixels"];
            media_id: components["schemas"]["Id"];
            width: components["schemas"]["Pixels"];
        };
        ImageContent: {
            body: components["schemas"]["ImageBody"];
            /** @constant */
            kind: "image";
        };
        Instance: {
            is_secure: boolean;
            name: string;
            needs_owner: boolean;
            registration: components["schemas"]["Registration"];
            version: string;
        };
        Invite: {
            code: components["schemas"]["Token"];
            created_at: components["schemas"]["Time"];
            expires_at: components["schemas"]["Time"] | null;
            uses_left: number;
        };
        /** @description Who must accept first. */
        Invited: components["schemas"]["Id"][];
        LinkBody: {
            image: components["schemas"]["AvatarId"];
            summary: string;
            title: string;
            url: string;
        };
        LinkContent: {
            body: components["schemas"]["LinkBody"];
            /** @constant */
            kind: "link";
        };
        LocationBody: {
            address: string;
            latitude: number;
            longitude: number;
            title: string;
        };
        LocationContent: {
            body: components["schemas"]["LocationBody"];
            /** @constant */
            kind: "location";
        };
        MeAnswer: {
            account: components["schemas"]["Account"];
            role?: components["schemas"]["Role"];
        };
        Media: {
            height?: components["schemas"]["Pixels"];
            id: components["schemas"]["Id"];
            /** @enum {unknown} */
            kind: "image" | "voice" | "video" | "file";
            mime: string;
            sha256: string;
            size: number;
            width?: components["schemas"]["Pixels"];
        };
        Member: {
            account: components["schemas"]["Account"];
            joined_at: components["schemas"]["Time"];
            nickname: string;
            /** @enum {unknown} */
            role: "owner" | "admin" | "member";
        };
        MembersEvent: {
            at: components["schemas"]["Time"];
            conversation_id: components["schemas"]["Id"];
            joined: components["schemas"]["Id"][];
            left: components["schemas"]["Id"][];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "members";
        };
        /** @description Account ids, or only "all" (a group's owner and admins). */
        Mentions: "all"[] | components["schemas"]["Id"][];
        Message: components["schemas"]["MessageHead"] & (components["schemas"]["TextContent"] | components["schemas"]["ImageContent"] | components["schemas"]["VoiceContent"] | components["schemas"]["VideoContent"] | components["schemas"]["FileContent"] | components["schemas"]["LocationContent"] | components["schemas"]["CardContent"] | components["schemas"]["LinkContent"] | components["schemas"]["StickerContent"] | components["schemas"]["HistoryContent"] | components["schemas"]["NoticeContent"] | components["schemas"]["RecalledContent"]);
        MessageAnswer: {
            message: components["schemas"]["Message"];
        };
        MessageEvent: {
            at: components["schemas"]["Time"];
            message: components["schemas"]["Message"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "message";
        };
        MessageHead: {
            /** @description Empty in a notice. */
            client_id: string;
            conversation_id: components["schemas"]["Id"];
            mentions?: components["schemas"]["Mentions"];
            reply_to?: components["schemas"]["Seq"];
            sender_id: components["schemas"]["Id"];
            sent_at: components["schemas"]["Time"];
            seq: components["schemas"]["Seq"];
        };
        /** @enum {unknown} */
        MessageKind: "text" | "image" | "voice" | "video" | "file" | "location" | "card" | "link" | "sticker" | "history" | "notice";
        MessageRecalledEvent: {
            at: components["schemas"]["Time"];
            by: components["schemas"]["Id"];
            conversation_id: components["schemas"]["Id"];
            seq: components["schemas"]["Seq"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "message_recalled";
        };
        /** @description The body's JSON is at most 12 KB. */
        NewMessage: components["schemas"]["NewMessageHead"] & components["schemas"]["SendableContent"];
        NewMessageHead: {
            client_id: components["schemas"]["ClientId"];
            mentions?: components["schemas"]["Mentions"];
            reply_to?: components["schemas"]["Seq"];
        };
        /** @description At most 256 bytes; none of the most common ones and not the username. */
        NewPassword: string;
        Next: components["schemas"]["Cursor"] | null;
        Nickname: string;
        Notice: {
            at: components["schemas"]["Time"];
            id: components["schemas"]["Id"];
            text: string;
        };
        /**
         * @description A line that each client renders in its reader's language. `contact.added` has params
         *     `{from, to}` (account ids). The codes of groups have `{by, members?, count?, name?, text?}`,
         *     where a person is `{account_id, nickname}` and at most 20 of `count` members are named:
         *     group.created, group.joined, group.removed (members), group.owner_changed (members: the new
         *     owner), group.admins_changed (members: the admins now), group.renamed (name),
         *     group.announcement (text), group.left, group.dissolved.
         */
        NoticeBody: {
            code: string;
            params: Record<string, never>;
        };
        /** @description A line of the system; only the server makes one. */
        NoticeContent: {
            body: components["schemas"]["NoticeBody"];
            /** @constant */
            kind: "notice";
        };
        /** @description The platform said something to everybody. */
        NoticeEvent: {
            at: components["schemas"]["Time"];
            notice: components["schemas"]["Notice"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "notice";
        };
        OperatorAccount: {
            account: components["schemas"]["Account"];
            created_at: components["schemas"]["Time"];
            is_suspended: boolean;
            role: components["schemas"]["Role"];
            suspended_reason: string;
        };
        Password: string;
        Pixels: number;
        /** @description RFC 9457. */
        Problem: {
            code: string;
            detail?: string;
            /** @description The inputs at fault. */
            fields?: string[];
            /** @description Seconds, as in Retry-After; where trying again later helps. */
            retry_after?: number;
            status: number;
            title: string;
            type: string;
        };
        /** @description Another device of one's own has read up to `seq`. */
        ReadEvent: {
            at: components["schemas"]["Time"];
            conversation_id: components["schemas"]["Id"];
            seq: components["schemas"]["Seq"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "read";
        };
        /** @description What was recalled keeps its kind and nothing else. */
        RecalledContent: {
            body: components["schemas"]["EmptyBody"];
            kind: components["schemas"]["MessageKind"];
            recalled_at: components["schemas"]["Time"];
        };
        /** @description Who could not be added, and why. */
        Refused: {
            account_id: components["schemas"]["Id"];
            code: string;
        }[];
        /** @enum {unknown} */
        Registration: "open" | "invite" | "closed";
        Remark: string;
        /** @description Either `out` (absent when the operation answers without content) or `problem`. */
        ReplyFrame: {
            id: number;
            out?: Record<string, never>;
            problem?: components["schemas"]["Problem"];
            status: number;
            /** @constant */
            t: "reply";
        };
        /**
         * @description To the reporter `account` shows the profile of someone he may see, else the id alone and empty
         *     texts.
         */
        Report: {
            account: components["schemas"]["Account"];
            action: components["schemas"]["ReportAction"] | null;
            answer: string;
            closed_at: components["schemas"]["Time"] | null;
            conversation_id: components["schemas"]["Id"] | null;
            created_at: components["schemas"]["Time"];
            excerpt: string;
            id: components["schemas"]["Id"];
            note: string;
            reason: components["schemas"]["ReportReason"];
            reporter: components["schemas"]["Account"];
            seq: components["schemas"]["Seq"] | null;
            /** @enum {unknown} */
            state: "open" | "closed";
        };
        /** @enum {unknown} */
        ReportAction: "none" | "suspend";
        ReportAnswer: {
            report: components["schemas"]["Report"];
        };
        /** @enum {unknown} */
        ReportReason: "spam" | "fraud" | "harassment" | "other";
        ReportsAnswer: {
            next: components["schemas"]["Next"];
            reports: components["schemas"]["Report"][];
        };
        /** @enum {unknown} */
        Role: "member" | "operator" | "owner";
        SendableContent: components["schemas"]["TextContent"] | components["schemas"]["ImageContent"] | components["schemas"]["VoiceContent"] | components["schemas"]["VideoContent"] | components["schemas"]["FileContent"] | components["schemas"]["LocationContent"] | components["schemas"]["CardContent"] | components["schemas"]["LinkContent"] | components["schemas"]["StickerContent"] | components["schemas"]["HistoryContent"];
        Seq: number;
        /** @description What the server sends over the stream. */
        ServerFrame: components["schemas"]["EventFrame"] | components["schemas"]["ReplyFrame"] | components["schemas"]["ServerTypingFrame"];
        ServerTypingFrame: {
            account_id: components["schemas"]["Id"];
            conversation_id: components["schemas"]["Id"];
            /** @constant */
            t: "typing";
        };
        Session: {
            device_id: components["schemas"]["Id"];
            token: components["schemas"]["Token"];
        };
        SessionInfo: {
            address: string;
            created_at: components["schemas"]["Time"];
            device_id: components["schemas"]["Id"];
            is_current: boolean;
            name: string;
            platform: string;
            seen_at: components["schemas"]["Time"];
        };
        SignedIn: {
            account: components["schemas"]["Account"];
            session: components["schemas"]["Session"];
        };
        /** @description How the tie came about; never changes; both sides see it. */
        Source: {
            kind: components["schemas"]["SourceKind"];
            label?: string;
            ref?: string;
        };
        /** @enum {unknown} */
        SourceKind: "username" | "phone" | "qr" | "card" | "group" | "face" | "introduction";
        StickerBody: {
            media_id: components["schemas"]["Id"];
        };
        StickerContent: {
            body: components["schemas"]["StickerBody"];
            /** @constant */
            kind: "sticker";
        };
        Tags: string[];
        TextBody: {
            text: string;
        };
        TextContent: {
            body: components["schemas"]["TextBody"];
            /** @constant */
            kind: "text";
        };
        /** @description Milliseconds since 1970. */
        Time: number;
        Token: string;
        /** @description A letter first; unique without case. */
        Username: string;
        VideoBody: {
            duration_ms: number;
            height: components["schemas"]["Pixels"];
            media_id: components["schemas"]["Id"];
            width: components["schemas"]["Pixels"];
        };
        VideoContent: {
            body: components["schemas"]["VideoBody"];
            /** @constant */
            kind: "video";
        };
        VoiceBody: {
            duration_ms: number;
            media_id: components["schemas"]["Id"];
        };
        VoiceContent: {
            body: components["schemas"]["VoiceBody"];
            /** @constant */
            kind: "voice";
        };
    };
    responses: {
        /** @description Refused; `code` says why. */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        account_id: components["schemas"]["Id"];
        conversation_id: components["schemas"]["Id"];
        cursor: components["schemas"]["Cursor"];
        device_id: components["schemas"]["Id"];
        group_id: components["schemas"]["Id"];
        limit: number;
        media_id: components["schemas"]["Id"];
        request_id: components["schemas"]["Id"];
        seq: components["schemas"]["Seq"];
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "accounts.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    device?: components["schemas"]["Device"];
                    invite?: components["schemas"]["Token"];
                    nickname: components["schemas"]["Nickname"];
                    password: components["schemas"]["NewPassword"];
                    proof?: {
                        challenge: components["schemas"]["Token"];
                        nonce: components["schemas"]["Token"];
                    };
                    username: components["schemas"]["Username"];
                };
            };
        };
        responses: {
            /** @description Signed up and in. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "accounts.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: components["schemas"]["Account"];
                        contact?: components["schemas"]["Contact"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "accounts.search": {
        parameters: {
            query: {
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "blocks.list": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accounts: components["schemas"]["Account"][];
                        next: components["schemas"]["Next"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "blocks.put": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Blocked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "blocks.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not blocked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "contact_requests.list": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The requests. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        next: components["schemas"]["Next"];
                        requests: components["schemas"]["ContactRequest"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "contact_requests.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    greeting?: string;
                    source: {
                        kind: components["schemas"]["SourceKind"];
                        ref?: string;
                    };
                    to: components["schemas"]["Id"];
                };
            };
        };
        responses: {
            /** @description Asked, or tied at once (state accepted). */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        request: components["schemas"]["ContactRequest"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "contact_requests.accept": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                request_id: components["parameters"]["request_id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    remark?: components["schemas"]["Remark"];
                };
            };
        };
        responses: {
            /** @description The tie and its conversation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        contact: components["schemas"]["Contact"];
                        conversation: components["schemas"]["Conversation"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "contact_requests.decline": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                request_id: components["parameters"]["request_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Declined. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "contacts.list": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        contacts: components["schemas"]["Contact"][];
                        next: components["schemas"]["Next"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "contacts.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "contacts.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    remark?: components["schemas"]["Remark"];
                    starred?: boolean;
                    tags?: components["schemas"]["Tags"];
                };
            };
        };
        responses: {
            /** @description The contact as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        contact: components["schemas"]["Contact"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "conversations.list": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        conversations: components["schemas"]["Conversation"][];
                        next: components["schemas"]["Next"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "conversations.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "conversations.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    muted?: boolean;
                    pinned?: boolean;
                };
            };
        };
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "messages.list": {
        parameters: {
            query?: {
                after?: number;
                before?: components["schemas"]["Seq"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        messages: components["schemas"]["Message"][];
                        next: components["schemas"]["Seq"] | null;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "messages.send": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            /** @description Durable. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "messages.clear": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cleared. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "messages.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
                seq: components["parameters"]["seq"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted for oneself. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "messages.recall": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
                seq: components["parameters"]["seq"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The recalled message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "conversations.read": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    seq: components["schemas"]["Seq"];
                };
            };
        };
        responses: {
            /** @description Noted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "conversations.typing": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: components["parameters"]["conversation_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shown. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "groups.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    client_id?: components["schemas"]["ClientId"];
                    members: components["schemas"]["IdList"];
                    name?: components["schemas"]["GroupName"];
                };
            };
        };
        responses: {
            /** @description The group; its id is the conversation's. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        conversation: components["schemas"]["Conversation"];
                        invited: components["schemas"]["Invited"];
                        refused: components["schemas"]["Refused"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "groups.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["group_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The group. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group: components["schemas"]["Group"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "groups.dissolve": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["group_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Dissolved. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "groups.update": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["group_id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    admins?: components["schemas"]["Id"][];
                    announcement?: string;
                    name?: components["schemas"]["GroupName"];
                    owner?: components["schemas"]["Id"];
                };
            };
        };
        responses: {
            /** @description The conversation as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "group_members.list": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: number;
            };
            header?: never;
            path: {
                group_id: components["parameters"]["group_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The members. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        members: components["schemas"]["Member"][];
                        next: components["schemas"]["Next"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "group_members.add": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["group_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    members: components["schemas"]["IdList"];
                };
            };
        };
        responses: {
            /** @description The members now (the first 1,000), and who is not among them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        invited: components["schemas"]["Invited"];
                        members: components["schemas"]["Member"][];
                        refused: components["schemas"]["Refused"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "group_members.remove": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
                group_id: components["parameters"]["group_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No member any more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "groups.set_nickname": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                group_id: components["parameters"]["group_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    nickname: string;
                };
            };
        };
        responses: {
            /** @description Set. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "health.get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "instance.get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Instance"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "invites.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        invites: components["schemas"]["Invite"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "invites.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    expires_in_s?: number;
                    /** @default 1 */
                    uses?: number;
                };
            };
        };
        responses: {
            /** @description The invitation. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        invite: components["schemas"]["Invite"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "invites.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: components["schemas"]["Token"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken back. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "me.get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The own account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "me.update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description A medium of one's own that is a picture; null or an empty string takes it away. */
                    avatar?: components["schemas"]["Id"] | "" | null;
                    nickname?: components["schemas"]["Nickname"];
                    region?: string;
                    signature?: string;
                };
            };
        };
        responses: {
            /** @description The account as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "me.set_password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    new: components["schemas"]["NewPassword"];
                    old: components["schemas"]["Password"];
                };
            };
        };
        responses: {
            /** @description Changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "recovery_codes.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    password: components["schemas"]["Password"];
                };
            };
        };
        responses: {
            /** @description The codes, shown this once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        codes: components["schemas"]["Token"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "media.upload": {
        parameters: {
            query?: never;
            header?: {
                /** @description The file's name in UTF-8, percent-encoded. */
                "X-Filename"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "*/*": string;
            };
        };
        responses: {
            /** @description Kept. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        media: components["schemas"]["Media"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "media.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                media_id: components["parameters"]["media_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description A part of them. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description Not changed. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No such range. */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "media.thumb": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                media_id: components["parameters"]["media_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description A part of them. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            /** @description Not changed. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No such range. */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "metrics.get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "notices.list": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        next: components["schemas"]["Next"];
                        notices: components["schemas"]["Notice"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.list_accounts": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
                /** @description Start of a username. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accounts: components["schemas"]["OperatorAccount"][];
                        next: components["schemas"]["Next"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.reset_password": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The code. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        code: components["schemas"]["Token"];
                        expires_at: components["schemas"]["Time"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.set_role": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {unknown} */
                    role: "member" | "operator";
                };
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.suspend": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Suspended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.unsuspend": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account_id: components["parameters"]["account_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lifted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.list_audit": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        entries: components["schemas"]["AuditEntry"][];
                        next: components["schemas"]["Next"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.get_instance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance from inside. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accounts_count: number;
                        addresses: string[];
                        is_loopback_only: boolean;
                        is_secure: boolean;
                        listen: string;
                        registration: components["schemas"]["Registration"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.create_notice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    client_id: components["schemas"]["ClientId"];
                    text: string;
                };
            };
        };
        responses: {
            /** @description Said. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        notice: components["schemas"]["Notice"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.list_reports": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
                state?: "open" | "closed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportsAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "operator.close_report": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                report_id: components["schemas"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    action: components["schemas"]["ReportAction"];
                    note?: string;
                };
            };
        };
        responses: {
            /** @description The closed report. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "password_resets.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description As typed; case, spaces and dashes don't matter. */
                    code: string;
                    device?: components["schemas"]["Device"];
                    password: components["schemas"]["NewPassword"];
                    username: string;
                };
            };
        };
        responses: {
            /** @description Signed in. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "proofs.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The challenge. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        bits: number;
                        challenge: components["schemas"]["Token"];
                        expires_at: components["schemas"]["Time"];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "reports.list": {
        parameters: {
            query?: {
                cursor?: components["parameters"]["cursor"];
                limit?: components["parameters"]["limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportsAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "reports.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    account_id?: components["schemas"]["Id"];
                    client_id: components["schemas"]["ClientId"];
                    conversation_id?: components["schemas"]["Id"];
                    note?: string;
                    reason: components["schemas"]["ReportReason"];
                    seq?: components["schemas"]["Seq"];
                };
            };
        };
        responses: {
            /** @description Reported. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "sessions.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions, this one included. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["SessionInfo"][];
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "sessions.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    device?: components["schemas"]["Device"];
                    otp?: string;
                    password: components["schemas"]["Password"];
                    username: string;
                };
            };
        };
        responses: {
            /** @description Signed in. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    "sessions.delete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device_id: components["parameters"]["device_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "sessions.delete_current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "sync.stream": {
        parameters: {
            query?: {
                since?: components["schemas"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switching to WebSocket. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    "sync.get": {
        parameters: {
            query?: {
                limit?: components["parameters"]["limit"];
                since?: components["schemas"]["Cursor"];
                wait_ms?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events in commit order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cursor: components["schemas"]["Cursor"];
                        events: components["schemas"]["Event"][];
                        more: boolean;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
