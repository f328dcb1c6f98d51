/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file leg_parts.h  The inside of a leg, shared by the leg*.c files alone
 */
#ifndef RINGBACK_LEG_PARTS_H
#define RINGBACK_LEG_PARTS_H

#include "answer.h"
#include "leg.h"

enum leg_state {
	LEG_PREPARING = 0, /**< outgoing: media makes our offer           */
	LEG_INVITED,       /**< incoming: their INVITE is not answered     */
	LEG_ANSWERING,     /**< incoming: our 200 is not ACKed             */
	LEG_ENDING,        /**< incoming: the same, BYE follows the ACK    */
	LEG_INVITING,      /**< outgoing: our INVITE is out                */
	LEG_AGREEING,      /**< outgoing: picked up, media looks at the SDP */
	LEG_CANCELLING,    /**< outgoing: our CANCEL is out                */
	LEG_UP,            /**< both sides confirmed                       */
	LEG_LEAVING,       /**< our BYE is out                             */
	LEG_GONE,
	LEG_STATES
};

enum leg_event {
	LEG_EV_PREPARED = 0, /**< our offer is there                     */
	LEG_EV_ANSWER,       /**< our 200 is out                         */
	LEG_EV_ACK,          /**< ACK for our 200                        */
	LEG_EV_CANCEL,       /**< they cancelled                         */
	LEG_EV_PICKED_UP,    /**< 2xx to our INVITE                      */
	LEG_EV_AGREED,       /**< media took their answer                */
	LEG_EV_FAILED,       /**< final answer that is not 2xx, or none  */
	LEG_EV_BYE,          /**< their BYE                              */
	LEG_EV_BYE_DONE,     /**< answer to our BYE, or none             */
	LEG_EV_LOST,         /**< the peer does not answer any more      */
	LEG_EV_END,          /**< we want it over                        */
	LEG_EVENTS
};

/** Offer and answer inside the dialog: one at a time (RFC 3264). */
enum leg_exchange {
	EXCHANGE_NONE = 0,
	EXCHANGE_THEIRS,      /**< media works on their offer             */
	EXCHANGE_WAIT_ACK,    /**< our 200 with an answer waits for ACK   */
	EXCHANGE_WAIT_ANSWER, /**< our 200 with an offer waits for ACK+SDP */
	EXCHANGE_OURS,        /**< our refresh is out                     */
};

/** Where leg_move() is. */
enum leg_moving {
	MOVE_NONE = 0,
	MOVE_WAITING,  /**< for another exchange, the ACK, or a pick-up    */
	MOVE_OFFERING, /**< media makes our offer                          */
	MOVE_INVITING, /**< our re-INVITE is out                           */
	MOVE_TAKING,   /**< media takes their answer                       */
};

/** How often an INVITE of ours is sent again as its peer asks. */
enum { LEG_TRIES = 3 };

struct leg {
	struct le he;
	struct legs *legs; /* borrow */
	struct sip_dialog *dlg;
	struct sip_dialog *seed;    /* outgoing: as before any 2xx        */
	struct sip_strans *st;      /* of the request being worked on     */
	struct sip_msg *request;    /* theirs, being worked on            */
	struct answer *answer;
	struct sip_request *req;    /* ours: INVITE or UPDATE             */
	struct sip_request *bye;
	struct mbuf *offer;         /* ours, in case INVITE goes out again */
	struct mbuf *credentials;   /* header for the next try            */
	struct mbuf *identity;      /* outgoing: headers, or NULL         */
	struct tmr tmr_session;
	struct tmr tmr_move;        /* of its next step                   */
	struct tmr tmr_moved;       /* by then it is done                 */
	struct session_timer timer; /* agreed                             */
	struct session_timer asked; /* by the request being worked on     */
	struct secret_text uri;     /* outgoing: whom we ring             */
	struct kept_owner owner;    /* for the next life of this process  */
	struct mbuf *ringing;       /* our INVITE without body, as it left */
	char *remote_tag;           /* of an earlier life: its INVITE may  */
	uint32_t invite_cseq;       /* come again                         */
	uint32_t remote_cseq;
	struct sa sip_peer;         /* where our INVITE, or our 200, goes */
	enum sip_transp transp;
	leg_news_h *h;
	void *arg;
	struct sa peer;             /* where its SIP came from, or went   */
	uint64_t sound;
	uint64_t offered;           /* moving: which leg our offer is of  */
	uint32_t session_s;         /* outgoing: what we ask for          */
	uint32_t min_s;             /* outgoing: the least, by a 422      */
	uint32_t n_tries;
	enum core_cause cause;
	enum leg_exchange exchange;
	enum leg_moving move;
	int family;                 /* AF_INET or AF_INET6: of its sound  */
	uint8_t state;
	bool peer_updates;          /* it takes UPDATE                    */
	bool muted;                 /* its sound is closed                */
	bool pinned;                /* outgoing: always by this uri       */
	bool outgoing;
	uint8_t srtp;               /**< enum wire_srtp                   */
	bool secret;                /**< keys of its sound may be in the SDP:
					 that goes by TLS alone            */
};

struct legs {
	struct hash *ht; /* by Call-ID */
	struct list lingerl;
	struct list recalll; /* struct recall */
	struct legs_config c;
	char token[17];   /* user part of our Contacts */
	char display[64]; /* quoted-string safe        */
	size_t n_open;
};

/* leg.c */
/** @param near Another leg of its call; 0 none */
int leg_new(struct leg **legp, struct legs *legs, enum leg_state state,
	    uint64_t near, leg_news_h *h, void *arg);
/** Without a leg in a media process. @param legp new */
int leg_bare(struct leg **legp, struct legs *legs, enum leg_state state,
	     leg_news_h *h, void *arg);
/** What leg_new() made, and its owner never got. */
void leg_drop(struct leg *leg);
void leg_step(struct leg *leg, enum leg_event event, enum core_cause cause);
void leg_index(struct leg *leg, const char *callid);
void leg_session_start(struct leg *leg, const struct session_timer *timer);
/** The rest of what was agreed before. */
void leg_session_wait(struct leg *leg, uint64_t ms);
int leg_answer_headers(struct mbuf **mbp, const struct leg *leg,
		       const struct sip_msg *request,
		       const struct session_timer *timer);
/** 487 to a request of theirs that is being worked on, if there is one. */
void leg_request_terminate(struct leg *leg);
void leg_ack(struct leg *leg, struct sip_dialog *dlg, uint32_t cseq);

/** For requests of ours: adds the Contact. arg is the leg. */
int leg_contact_send(enum sip_transp tp, const struct sa *src,
		     const struct sa *dst, struct mbuf *mb, void *arg);

/** sip_dialog_fork() and sip_dialog_update(); a pinned leg stays where it is. */
int leg_fork(struct sip_dialog **dlgp, const struct leg *leg,
	     const struct sip_msg *msg);
int leg_moved(const struct leg *leg, const struct sip_msg *msg);

/** Find credentials for a challenge of our INVITE; a few times a leg. */
bool leg_authorize(struct leg *leg, const struct sip_msg *msg);

/* leg_keep.c */
/** A new checkpoint for media, if the dialog has come so far. */
void leg_keep(struct leg *leg);
/** A request of ours is about to leave: mb begins with its first line and its
 *  Via. */
void leg_leaves(struct leg *leg, enum sip_transp tp, const struct sa *dst,
		const struct mbuf *mb);

/** Find out whether its SDP may have keys. @param tls Nobody else reads it.
 *  @return 0, EPERM it must, and may not */
int leg_secrecy(struct leg *leg, bool tls, const struct sa *src);

/* leg_inside.c */
void leg_inside(struct leg *leg, const struct sip_msg *msg);
void leg_refresh(struct leg *leg);

/** A re-INVITE of ours, with the credentials that were asked for. */
int leg_reinvite(struct leg *leg, sip_resp_h *resph, const struct pl *sdp);
/** What a 2xx to it says about the session timer. */
void leg_session_agreed(struct leg *leg, const struct sip_msg *msg);
/** Their offer cannot be answered: what was agreed before stays. */
void leg_offer_refused(struct leg *leg);

/* leg_move.c */
/** Its phone was picked up: now it can be told. */
void leg_move_picked_up(struct leg *leg);
void leg_move_stop(struct leg *leg);

/* leg_out.c */
/** Ask media for our offer. */
void leg_prepare(struct leg *leg);

/* leg_in.c */
void leg_offer_answered(int err, const struct pl *sdp, void *arg);
/** Our 200 was not ACKed. */
void leg_answer_lost(void *arg);

/* leg_restore.c */
/** Has nobody got it but its dialog, which is not over? */
bool leg_is_dismissed(const struct leg *leg);

/* legs.c */
/** What may stand between quotes in a From. */
void leg_display_copy(char *to, size_t size, const char *from);
void legs_linger(struct leg *leg);

#endif
